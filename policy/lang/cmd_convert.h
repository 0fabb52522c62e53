/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy import and cil: the words after "casemate-policy". */
#pragma once

int cmd_import(int argc, char **argv);
int cmd_cil(int argc, char **argv);
