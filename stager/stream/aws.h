/* Who we are to S3, and where it is: from the variables and files that all of AWS's tools know. */
#ifndef STREAM_AWS_H
#define STREAM_AWS_H

#include "stager/err.h"

#define AWS_VALUE_MAX 4096

/* Strings are "" where nothing says them. */
struct aws {
	char user[AWS_VALUE_MAX], secret[AWS_VALUE_MAX], token[AWS_VALUE_MAX];
	char region[64];
	char endpoint[AWS_VALUE_MAX]; /* a URL */
	char ca[AWS_VALUE_MAX];       /* a file of certificates */
};

/*
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3,
 * AWS_ENDPOINT_URL, AWS_CA_BUNDLE; where they do not say it, the profile (AWS_PROFILE, or "default") of
 * AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and of AWS_CONFIG_FILE (~/.aws/config). ERR_INPUT where a file that is
 * named cannot be read, or no key is to be found. aws_wipe in any case.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 */
int aws_load(struct aws *out, struct err *e) MUST_CHECK;
void aws_wipe(struct aws *a);

#endif
