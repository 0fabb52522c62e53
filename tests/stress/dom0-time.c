/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command and says how many microseconds it took: dom0-time CMD... */
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	uint64_t begin = now_us();
	int status = -1;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: dom0-time CMD...\n");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "dom0-time: %s failed\n", argv[1]);
		return 1;
	}
	printf("time %llu us\n", (unsigned long long)(now_us() - begin));
	return 0;
}
