/* stager-node as one of several programs in a folder. */
#include "node.h"

int
main(int argc, char **argv)
{
	return node_main(argc, argv);
}
