package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A clock that stands still until it is moved. */
public final class ManualTime implements TimeSource {
  private static final Instant START = Instant.parse("2030-01-02T03:04:05Z");

  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private volatile long nanos;

  private record Task(long at, Runnable work) {}

  @Override
  public Instant now() {
    return START.plusNanos(nanos);
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public Timer schedule(Duration delay, Runnable work) {
    Task task = new Task(nanos + delay.toNanos(), work);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Runs what is due by then. */
  public void pass(Duration time) {
    nanos += time.toNanos();
    tasks.stream()
        .filter(task -> task.at() <= nanos)
        .sorted(Comparator.comparingLong(Task::at))
        .forEach(
            task -> {
              if (tasks.remove(task)) {
                task.work().run();
              }
            });
  }
}
