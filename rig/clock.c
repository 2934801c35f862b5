/* Lets a program live by the clock in the file that INFOSCREEN_CLOCK names (see clock.py), not by the machine's.

   To be preloaded (LD_PRELOAD). Both of its clocks go by that one, the wall's and the one that only goes on.
   What waits until a moment of either is let wait as long by the machine's, as that is what the kernel knows. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define WAIT(name, ...) ((int (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

/* All in nanoseconds: how far it is ahead of the machine's clock that only goes on, where it stands still
   for now, and when the program's own clock that only goes on was at zero. */
static const volatile struct { int64_t ahead, limit, zero; } *shared;

__attribute__((constructor)) static void open_clock(void)
{
    const char *name = getenv("INFOSCREEN_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED)
        shared = page;
}

static int goes_on(clockid_t clock)
{
    return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
           clock == CLOCK_BOOTTIME;
}

static int turned(clockid_t clock)
{
    return shared && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || goes_on(clock));
}

static int64_t machine(clockid_t clock)
{
    struct timespec moment;
    syscall(SYS_clock_gettime, clock, &moment);
    return moment.tv_sec * SECOND + moment.tv_nsec;
}

static int64_t now(clockid_t clock)
{
    if (!turned(clock))
        return machine(clock);
    int64_t moment = machine(CLOCK_MONOTONIC) + shared->ahead, limit = shared->limit;
    return (moment < limit ? moment : limit) - (goes_on(clock) ? shared->zero : 0);
}

static struct timespec parts(int64_t moment)
{
    return (struct timespec){.tv_sec = moment / SECOND, .tv_nsec = moment % SECOND};
}

static struct timespec deadline(clockid_t clock, const struct timespec *moment)
{
    int64_t wait = moment->tv_sec * SECOND + moment->tv_nsec - now(clock);
    return parts(machine(clock) + (wait > 0 ? wait : 0));
}

int clock_gettime(clockid_t clock, struct timespec *moment)
{
    if (!turned(clock))
        return (int)syscall(SYS_clock_gettime, clock, moment);
    *moment = parts(now(clock));
    return 0;
}

int gettimeofday(struct timeval *moment, void *zone)
{
    (void)zone;
    int64_t micros = now(CLOCK_REALTIME) / 1000;
    *moment = (struct timeval){.tv_sec = micros / 1000000, .tv_usec = micros % 1000000};
    return 0;
}

time_t time(time_t *seconds)
{
    time_t moment = now(CLOCK_REALTIME) / SECOND;
    if (seconds)
        *seconds = moment;
    return moment;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *span, struct timespec *rest)
{
    struct timespec until = flags & TIMER_ABSTIME ? deadline(clock, span) : *span;
    return WAIT("clock_nanosleep", clockid_t, int, const struct timespec *, struct timespec *)
        (clock, flags, &until, rest);
}

int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *moment)
{
    struct timespec until = deadline(clock, moment);
    return WAIT("sem_clockwait", sem_t *, clockid_t, const struct timespec *)(sem, clock, &until);
}

int sem_timedwait(sem_t *sem, const struct timespec *moment)
{
    return sem_clockwait(sem, CLOCK_REALTIME, moment);
}

int pthread_cond_clockwait(
    pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *moment)
{
    struct timespec until = deadline(clock, moment);
    return WAIT("pthread_cond_clockwait", pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *)
        (cond, mutex, clock, &until);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *moment)
{
    /* A condition does not tell its clock, but the moment does: none on the wall is before 2001. */
    clockid_t clock = moment->tv_sec < SECOND ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return pthread_cond_clockwait(cond, mutex, clock, moment);
}
