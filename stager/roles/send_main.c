/* stager-send as a program of its own. */
#include "send.h"

int
main(int argc, char **argv)
{
	return send_main(argc, argv);
}
