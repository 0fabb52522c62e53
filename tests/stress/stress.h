/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a program in dom0 to the core, past dom0's tools. */
#pragma once

/* The tools' halves of the public headers. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xencall.h>
#include <xentoollog.h>

#include "../../core/abi/control.h"

struct door {
	xencall_handle *call;
	uint8_t *page;	 /* for the argument */
	uint8_t *buffer; /* pages to load from */
};
#define DOOR_PAGES 64u

static inline void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(2);
}

/* Refusals are expected: the libraries need not complain. */
static inline xentoollog_logger *quiet(void)
{
	return (xentoollog_logger *)xtl_createlogger_stdiostream(
		stderr, XTL_CRITICAL, 0);
}

/* One a thread: the argument's page is not shared. */
static inline struct door door_open(void)
{
	struct door door = { .call = xencall_open(quiet(), 0) };

	if (door.call == NULL) {
		die("/dev/xen/privcmd");
	}
	door.page = xencall_alloc_buffer_pages(door.call, 1);
	door.buffer = xencall_alloc_buffer_pages(door.call, DOOR_PAGES);
	if (door.page == NULL || door.buffer == NULL) {
		die("hypercall buffers");
	}
	return door;
}

/* 0 or a negative errno. */
static inline int raw_call(struct door *door, unsigned int number, uint64_t a,
			   uint64_t b)
{
	int rc = xencall2(door->call, number, a, b);

	return rc < 0 ? -errno : rc;
}

static inline int control(struct door *door, unsigned int op, void *arg,
			  size_t bytes)
{
	int rc;

	memcpy(door->page, arg, bytes);
	rc = raw_call(door, CASEMATE_HYPERCALL, op, (uintptr_t)door->page);
	memcpy(arg, door->page, bytes);
	return rc;
}

static inline int control_domain(struct door *door, unsigned int op,
				 uint32_t domid)
{
	struct ctl_domain arg = { .domid = domid };

	return control(door, op, &arg, sizeof(arg));
}

static inline struct ctl_info core_info(struct door *door)
{
	struct ctl_info info = { 0 };

	if (control(door, CTL_INFO, &info, sizeof(info)) != 0) {
		die("CTL_INFO");
	}
	return info;
}

static inline uint32_t label_find(struct door *door, const char *name)
{
	struct ctl_label label = { 0 };

	while (control(door, CTL_LABEL, &label, sizeof(label)) == 0) {
		if (strcmp(label.name, name) == 0) {
			return label.label;
		}
		label = (struct ctl_label){ .label = label.label + 1 };
	}
	fprintf(stderr, "no label %s\n", name);
	exit(2);
}
