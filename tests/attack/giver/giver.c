/* SPDX-License-Identifier: Apache-2.0 */
/* The other half of tests/attack/taker. */
#include "../pair.h"

const char claim_name[] = "giver";

static struct talk *talk = (void *)spare[0];

static void grant_all(void)
{
	u32 d, i;

	for (d = 1; d < GUESTS; d++) {
		permit(TALK_REF + d, GTF_permit_access, d, gfn_of(talk));
		for (i = 0; i < DATA_PAGES; i++) {
			permit(DATA_REF + i * DATA_STRIDE + d,
			       GTF_permit_access, d, gfn_of(spare[1 + i]));
		}
	}
}

static u32 offer(u32 domid)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = (u16)domid };

	CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &op), 0);
	return op.port;
}

/* Take the grants back while they are mapped, give the pages up, and put
 * secrets into what comes in their place. */
static void swap(void)
{
	u32 i, k;

	for (i = 0; i < DATA_PAGES; i++) {
		u64 *words = (void *)spare[1 + i];

		permit(DATA_REF + i * DATA_STRIDE + talk->taker, 0, 0, 0);
		CHECK_IS(give_up(gfn_of(words)), 1);
		CHECK_IS(populate(gfn_of(words)), 1);
		zero_check(words);
		for (k = 0; k < PAGE / 8; k++) {
			words[k] = secret_word((u64)&words[k]);
		}
	}
}

/* What the taker wrote went elsewhere. */
static void look(void)
{
	u64 at;

	for (at = (u64)spare[1]; at < (u64)spare[1 + DATA_PAGES]; at += 8) {
		CHECK_IS(*(u64 *)at, secret_word(at));
	}
}

/* Ports offered and closed while the taker binds them and sends. */
static void ports(void)
{
	u32 i;

	for (i = 0; i < OFFERS; i++) {
		struct evtchn_close close = { offer(talk->taker) };

		talk->port = close.port;
		if ((i & 7) == 0) {
			let_others();
		}
		event_send(close.port);
		CHECK_IS(event_call(EVTCHNOP_close, &close), 0);
		talk->offers = i;
	}
}

static void step(u32 number)
{
	switch (number) {
	case STEP_OFFER:
		talk->port = offer(talk->taker);
		break;
	case STEP_SWAP:
		swap();
		break;
	case STEP_LOOK:
		look();
		break;
	case STEP_PORTS:
		talk->done = number; /* the taker joins in */
		ports();
		talk->port = offer(talk->taker);
		talk->offers = OFFERS;
		break;
	default:
		stop(SHUTDOWN_poweroff);
	}
	talk->done = number;
}

void claim(void)
{
	grants_setup();
	grant_all();
	say("ready");
	for (;;) {
		if (talk->asked != talk->done) {
			step(talk->asked);
		}
		let_others();
	}
}
