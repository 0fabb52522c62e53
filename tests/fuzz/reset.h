/* SPDX-License-Identifier: Apache-2.0 */
/* All data of the core, its fakes and the model, put back: each input starts
 * from the same machine, whatever the one before did to it. */
#pragma once

#define RESET_STATES 3u

/* The state as it is now is one to go back to. Each once. */
void reset_save(unsigned int which);
void reset_restore(unsigned int which);
