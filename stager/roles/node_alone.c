/*
 * stager-node as one file that needs no other: static, and stager-send too where it is started under that name, which it
 * does itself. Built by deploy/static-node.sh.
 */
#include <nss.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "send.h"

/* Where the distributions keep the certificates that their machines trust. */
static const char *const trusted[] = {"/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem"};

/* The library that Debian built looks where Debian has them. */
static void
find_trusted(void)
{
	if (getenv("SSL_CERT_FILE") != NULL || getenv("SSL_CERT_DIR") != NULL)
		return;
	for (size_t i = 0; i < sizeof(trusted) / sizeof(trusted[0]); i++) {
		if (access(trusted[i], R_OK) == 0) {
			(void)setenv("SSL_CERT_FILE", trusted[i], 1);
			return;
		}
	}
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	/* Other sources of names would be shared libraries of the machine's own libc. */
	(void)__nss_configure_lookup("hosts", "files dns");
	(void)__nss_configure_lookup("passwd", "files");
	name = name == NULL ? argv[0] : name + 1;
	if (strcmp(name, "stager-send") != 0)
		return node_main(argc, argv);
	find_trusted();
	return send_main(argc, argv);
}
