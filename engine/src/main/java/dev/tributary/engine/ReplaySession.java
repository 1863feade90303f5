package dev.tributary.engine;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks partition 0 of a stream, 100 messages every 100 ms, the first after 100 ms, and commits each message's offset for the sandbox
 * group. It is complete when it passed its end, or found nothing more. Used inside the gate.
 */
final class ReplaySession {
  private static final Duration TICK = Duration.ofMillis(100);
  private static final int PER_TICK = 100;

  private final Gate gate;
  private final String id;
  private final StreamLog log;
  private final ReplayOptions options;
  private final Instant createdAt;
  private Replay.Status status = Replay.Status.CREATED;
  private long next;
  private long replayed;
  private @Nullable Instant completedAt;
  private Schedule.@Nullable Entry tick;

  ReplaySession(Gate gate, String id, StreamLog log, ReplayOptions options) {
    this.gate = gate;
    this.id = id;
    this.log = log;
    this.options = options;
    this.createdAt = gate.clock().wall();
    Instant from = options.start() instanceof StartAt.Time time ? time.time() : null;
    Instant endTime = options.endTime();
    if (from != null && endTime != null && endTime.isBefore(from)) {
      throw InvalidRequestException.of("the replay ends at " + endTime + ", before its start " + from, "Swap them");
    }
    this.next = Group.place(log.partition(0), null, options.start());
    long end = options.endOffset().orElse(Long.MAX_VALUE);
    if (endTime == null && options.start() instanceof StartAt.Offset && end < next) {
      throw InvalidRequestException.of("the replay ends at " + end + ", before its start " + next, "Swap them");
    }
  }

  StreamLog log() {
    return log;
  }

  Replay.State state() {
    return new Replay.State(id, options.group(), status, next, replayed, 0, createdAt, completedAt);
  }

  void start() {
    move("start", Replay.Status.ACTIVE, Set.of(Replay.Status.CREATED, Replay.Status.PAUSED));
    plan();
  }

  void pause() {
    move("pause", Replay.Status.PAUSED, Set.of(Replay.Status.ACTIVE));
    halt();
  }

  void resume() {
    move("resume", Replay.Status.ACTIVE, Set.of(Replay.Status.PAUSED));
    plan();
  }

  void stop() {
    move(
        "stop",
        Replay.Status.STOPPED,
        Set.of(Replay.Status.CREATED, Replay.Status.ACTIVE, Replay.Status.PAUSED, Replay.Status.STOPPED));
    halt();
  }

  void requireRemovable() {
    if (status == Replay.Status.ACTIVE) {
      throw forbidden("delete");
    }
  }

  private void move(String verb, Replay.Status to, Set<Replay.Status> from) {
    if (!from.contains(status)) {
      throw forbidden(verb);
    }
    status = to;
  }

  private ConflictException forbidden(String verb) {
    return new ConflictException(ErrorInfo.of("cannot " + verb + " a replay that is " + status, "Look at its state first"));
  }

  private void plan() {
    tick = gate.schedule().at(gate.clock().in(TICK), this::walk);
  }

  /** Walks no further. */
  void halt() {
    if (tick != null) {
      tick.cancel();
      tick = null;
    }
  }

  private void walk() {
    for (int i = 0; i < PER_TICK; i++) {
      StoredEvent event = log.partition(0).from(next);
      if (event == null || beyond(event)) {
        complete();
        return;
      }
      next = event.offset() + 1;
      replayed++;
      log.group(options.group()).commit(0, next);
    }
    StoredEvent event = log.partition(0).from(next);
    if (event == null || beyond(event)) {
      complete();
    } else {
      plan();
    }
  }

  private boolean beyond(StoredEvent event) {
    Instant endTime = options.endTime();
    if (endTime != null) {
      return event.storedAt().isAfter(endTime);
    }
    return event.offset() > options.endOffset().orElse(Long.MAX_VALUE);
  }

  private void complete() {
    status = Replay.Status.COMPLETED;
    completedAt = gate.clock().wall();
    tick = null;
  }
}
