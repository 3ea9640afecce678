/*
 * What a change of policy lets out, in words. Works on two resolved policies (policy.h); what it does not know it reports as
 * something to look at, never as nothing. stager/scrub/policy_diff*.c.
 */
#ifndef STAGER_POLICY_DIFF_H
#define STAGER_POLICY_DIFF_H

struct json;

/*
 * An array of {"danger","where","text"}, most dangerous first, then in the policy's order; empty where the policies are the
 * same. danger: "out" (something leaves that did not, or to somebody new), "looser" (a limit or a check that lets more
 * pass), "look" (another, which no program can weigh), "tighter". Caller frees; aborts without memory.
 */
struct json *policy_diff(const struct json *before, const struct json *after);

#endif
