/* The yardstick beside which our own pacing is shown: AudioSocket calls in C, one epoll loop, Linux.
 *
 *   pacer receive CALLS SECONDS       echoes CALLS calls; prints its port, then the gaps between their frames
 *   pacer send PORT CALLS SECONDS     makes CALLS calls: a frame of 323 bytes each every 20 ms, in slots of 1 ms
 *   pacer call PORT CALLS SECONDS AUDIO TRACKS   calls a bot: says what is in AUDIO and counts the gaps in what it says
 *
 * AUDIO is raw slin at 8 kHz, TRACKS of the same whole number of frames; each call says one of them again and again,
 * beginning somewhere else in it, with faint noise, so that no utterance is ever the same. `call` prints a line when it
 * begins to count.
 *
 * All count SECONDS, from a while after the last call stood (0.5 s; `call` 3 s), and print one line of JSON. All end by
 * themselves, whatever the other side does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 323, HEADER = 3, MEDIA = 0x10, MOST_CALLS = 16384, SLOTS = 20, BUCKETS = 200000 };

static const int64_t SECOND = 1000000000, PERIOD = 20000000, SLOT = 1000000, SETTLE = 500000000, SETTLE_BOT = 3000000000,
                     APART = 2000000;
static const int64_t BUCKET = 10000; /* 10 us, up to 2 s */

typedef struct {
    int fd;
    size_t held;
    int64_t last;
    unsigned char data[8192];
} call_t;

static call_t calls[MOST_CALLS];

typedef struct {
    uint32_t buckets[BUCKETS + 1];
    int64_t counted, most;
} histogram_t;

static histogram_t gaps, lateness;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
    fprintf(stderr, "pacer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void count(histogram_t *h, int64_t value) {
    int64_t bucket = value < 0 ? 0 : value / BUCKET;
    h->buckets[bucket < BUCKETS ? bucket : BUCKETS]++;
    h->counted++;
    if (value > h->most) h->most = value;
}

/* In ms, by nearest rank. */
static double percentile(const histogram_t *h, double percent) {
    int64_t seen = 0, rank = (int64_t)(h->counted * percent / 100 + 0.999999);
    for (int64_t i = 0; i < BUCKETS; i++)
        if ((seen += h->buckets[i]) >= rank && seen) return (i + 0.5) * BUCKET / 1e6;
    return h->most / 1e6;
}

static void print_histogram(const char *of, const histogram_t *h) {
    printf("\"%s\": {\"n\": %lld, \"p50\": %.2f, \"p99\": %.2f, \"p99.9\": %.2f, \"max\": %.2f}", of,
           (long long)h->counted, percentile(h, 50), percentile(h, 99), percentile(h, 99.9), h->most / 1e6);
}

static void watch(int poll, int fd, uint32_t what) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void prepare(int fd) {
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* ---- receive ------------------------------------------------------------------------------------------- */

/* Takes what arrived for one call, and echoes its media frames where it shall; returns 0 when the call is over. */
static int take(call_t *call, int64_t from, int64_t until, int echo) {
    ssize_t got = recv(call->fd, call->data + call->held, sizeof call->data - call->held, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    int64_t at = now();
    size_t start = 0;
    call->held += got;
    while (call->held - start >= HEADER) {
        unsigned char *frame = call->data + start;
        size_t size = HEADER + (frame[1] << 8 | frame[2]);
        if (size > sizeof call->data) return 0;
        if (call->held - start < size) break;
        start += size;
        if (frame[0] != MEDIA) continue;
        if (call->last >= from && at <= until) count(&gaps, at - call->last);
        call->last = at;
        if (echo && send(call->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size) return 0;
    }
    memmove(call->data, call->data + start, call->held - start);
    call->held -= start;
    return 1;
}

static void receive(int wanted, double seconds) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 1024)) fail("listen");
    getsockname(listener, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    watch(poll, listener, MOST_CALLS);
    int stood = 0, over = 0, early = 0;
    int64_t from = INT64_MAX, until = INT64_MAX;
    struct epoll_event events[256];
    while (over < wanted) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u32 == MOST_CALLS) {
                int fd;
                while (stood < wanted && (fd = accept(listener, NULL, NULL)) >= 0) {
                    prepare(fd);
                    calls[stood].fd = fd;
                    watch(poll, fd, stood++);
                }
                if (stood == wanted && from == INT64_MAX) {
                    from = now() + SETTLE;
                    until = from + (int64_t)(seconds * SECOND);
                }
            } else {
                call_t *call = &calls[events[i].data.u32];
                if (!take(call, from, until, 1)) {
                    if (now() < until) early++;
                    close(call->fd);
                    over++;
                }
            }
        }
    }
    printf("{");
    print_histogram("gap", &gaps);
    printf(", \"ended_early\": %d}\n", early);
}

/* ---- send ---------------------------------------------------------------------------------------------- */

static void place(int poll, int index, int port) {
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned char uuid[HEADER + 16] = {0x01, 0, 16, [HEADER + 14] = index >> 8, [HEADER + 15] = index & 255};
    int fd = calls[index].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&there, sizeof there)) fail("connect");
    prepare(fd);
    if (send(fd, uuid, sizeof uuid, MSG_NOSIGNAL) != sizeof uuid) fail("send of a UUID");
    watch(poll, fd, index);
}

static void send_all(int port, int wanted, double seconds) {
    static unsigned char frame[FRAME] = {MEDIA, 320 >> 8, 320 & 255}, sink[65536];
    int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int64_t sent = 0, received = 0, skipped = 0, sent_before = 0, received_before = 0, skipped_before = 0;
    double cpu_before = 0;
    for (int i = 0; i < wanted; i++) place(poll, i, port);
    watch(poll, timer, MOST_CALLS);
    int slots = wanted < SLOTS ? wanted : SLOTS, counting = 0;
    int64_t due[SLOTS], from = now() + SETTLE, until = from + (int64_t)(seconds * SECOND);
    for (int s = 0; s < slots; s++) due[s] = now() + SLOT * (s + 1);
    struct epoll_event events[256];
    for (;;) {
        int64_t next = INT64_MAX, at = now();
        if (!counting && at >= from) {
            counting = 1;
            cpu_before = cpu(), sent_before = sent, received_before = received, skipped_before = skipped;
        }
        if (at >= until + PERIOD) break; /* the receiver's last frame may be due a little later */
        for (int s = 0; s < slots; s++) {
            if (due[s] <= at) {
                int64_t skip = (at - due[s]) / PERIOD - 1; /* one late frame is made up for, as ours is */
                if (skip > 0) due[s] += skip * PERIOD, skipped += skip;
                for (int i = s; i < wanted; i += SLOTS) {
                    if (send(calls[i].fd, frame, FRAME, MSG_NOSIGNAL) != FRAME) fail("send of a frame");
                    sent++;
                    if (counting) count(&lateness, now() - due[s]);
                }
                due[s] += PERIOD;
            }
            if (due[s] < next) next = due[s];
        }
        struct itimerspec wake = {.it_value = {next / SECOND, next % SECOND}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &wake, NULL);
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint64_t times;
            if (events[i].data.u32 == MOST_CALLS) {
                if (read(timer, &times, sizeof times) < 0 && errno != EAGAIN) fail("timer");
                continue;
            }
            ssize_t got = recv(calls[events[i].data.u32].fd, sink, sizeof sink, 0);
            if (got == 0) errno = ECONNRESET;
            if (got <= 0 && errno != EAGAIN) fail("receive");
            if (got > 0) received += got;
        }
    }
    double spent = cpu() - cpu_before;
    sent -= sent_before;
    printf("{");
    print_histogram("late", &lateness);
    printf(", \"frames\": %lld, \"frames_back\": %lld, \"skipped\": %lld, \"cpu_us_per_pair\": %.2f}\n", (long long)sent,
           (long long)((received - received_before) / FRAME), (long long)(skipped - skipped_before),
           spent * 1e6 / sent);
}

/* ---- call ---------------------------------------------------------------------------------------------- */

/* What a call says next: the frame of its track, and noise of some -75 dBFS. */
static void speak(const int16_t *audio, int64_t at, unsigned char *frame) {
    static uint32_t random = 2463534242u;
    int16_t samples[(FRAME - HEADER) / 2];
    for (int i = 0; i < (FRAME - HEADER) / 2; i++) {
        random ^= random << 13, random ^= random >> 17, random ^= random << 5;
        samples[i] = (int16_t)(audio[at * (FRAME - HEADER) / 2 + i] + (int)(random & 15) - 8);
    }
    memcpy(frame + HEADER, samples, sizeof samples);
}

static int16_t *load(const char *path, int tracks, int64_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail("audio");
    long size = ftell(file);
    rewind(file);
    int16_t *audio = malloc((size_t)size + 1);
    *length = size / (FRAME - HEADER) / tracks;
    if (!audio || !*length || fread(audio, 1, (size_t)size, file) != (size_t)size) fail("audio");
    fclose(file);
    return audio;
}

static void call_bot(int port, int wanted, double seconds, const char *path, int tracks) {
    unsigned char frame[FRAME] = {MEDIA, 320 >> 8, 320 & 255};
    int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), early = 0, unread = 0;
    int64_t length, sent = 0, skipped = 0, ticks[SLOTS] = {0};
    int16_t *audio = load(path, tracks, &length);
    for (int i = 0; i < wanted; i++) {
        struct timespec apart = {0, APART};
        place(poll, i, port);
        nanosleep(&apart, NULL);
    }
    watch(poll, timer, MOST_CALLS);
    int slots = wanted < SLOTS ? wanted : SLOTS, counting = 0;
    int64_t due[SLOTS], from = now() + SETTLE_BOT, until = from + (int64_t)(seconds * SECOND);
    for (int s = 0; s < slots; s++) due[s] = now() + SLOT * (s + 1);
    struct epoll_event events[256];
    for (;;) {
        int64_t next = INT64_MAX, at = now();
        if (!counting && at >= from) {
            counting = 1, sent = skipped = 0;
            printf("counting\n");
            fflush(stdout);
        }
        if (at >= until) break;
        for (int s = 0; s < slots; s++) {
            if (due[s] <= at) {
                int64_t skip = (at - due[s]) / PERIOD - 1;
                if (skip > 0) due[s] += skip * PERIOD, skipped += skip, ticks[s] += skip;
                for (int i = s; i < wanted; i += SLOTS) {
                    if (calls[i].fd < 0) continue;
                    int64_t offset = (ticks[s] + (int64_t)i * length / wanted) % length;
                    speak(audio + (i % tracks) * length * (FRAME - HEADER) / 2, offset, frame);
                    /* A bot that does not read, or has just gone, is no error of ours. */
                    if (send(calls[i].fd, frame, FRAME, MSG_NOSIGNAL) == FRAME) sent++;
                    else unread++;
                    if (counting) count(&lateness, now() - due[s]);
                }
                due[s] += PERIOD, ticks[s]++;
            }
            if (due[s] < next) next = due[s];
        }
        struct itimerspec wake = {.it_value = {next / SECOND, next % SECOND}};
        timerfd_settime(timer, TFD_TIMER_ABSTIME, &wake, NULL);
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint64_t times;
            if (events[i].data.u32 == MOST_CALLS) {
                if (read(timer, &times, sizeof times) < 0 && errno != EAGAIN) fail("timer");
                continue;
            }
            call_t *call = &calls[events[i].data.u32];
            if (!take(call, from, until, 0)) {
                early++;
                close(call->fd);
                call->fd = -1;
            }
        }
    }
    printf("{");
    print_histogram("gap", &gaps);
    printf(", ");
    print_histogram("late", &lateness);
    printf(", \"frames\": %lld, \"skipped\": %lld, \"unread\": %d, \"ended_early\": %d}\n", (long long)sent,
           (long long)skipped, unread, early);
}

int main(int count_of_words, char **words) {
    int sends = count_of_words == 5 && !strcmp(words[1], "send");
    int receives = count_of_words == 4 && !strcmp(words[1], "receive");
    int speaks = count_of_words == 7 && !strcmp(words[1], "call") && atoi(words[6]) > 0;
    int wanted = sends || receives || speaks ? atoi(words[receives ? 2 : 3]) : 0;
    double seconds = sends || receives || speaks ? atof(words[receives ? 3 : 4]) : 0;
    if (wanted < 1 || wanted >= MOST_CALLS || !(seconds > 0 && seconds <= 600)) {
        fprintf(stderr,
                "usage: pacer receive CALLS SECONDS | pacer send PORT CALLS SECONDS | "
                "pacer call PORT CALLS SECONDS AUDIO TRACKS\n");
        return 2;
    }
    alarm((unsigned)seconds + 20); /* never left running */
    if (speaks)
        call_bot(atoi(words[2]), wanted, seconds, words[5], atoi(words[6]));
    else if (sends)
        send_all(atoi(words[2]), wanted, seconds);
    else
        receive(wanted, seconds);
    return 0;
}
