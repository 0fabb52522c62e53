/* SPDX-License-Identifier: Apache-2.0 */
/* I/O ports as guests see them: an empty machine. */
#pragma once

#include "vmm/domain.h"

u32 port_read(u16 port);
void port_write(struct vcpu *v, u16 port, u32 value);
