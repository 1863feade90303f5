package dev.tributary.vertx;

import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.ProducerSequence;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** {@link Job} for verticles; see {@link VertxTributary}. */
public final class VertxJob<T> {
  private final Contexts contexts;
  private final Job<T> job;

  VertxJob(Contexts contexts, Job<T> job) {
    this.contexts = contexts;
    this.job = job;
  }

  /** See {@link Job#id}. */
  public String id() {
    return job.id();
  }

  /** See {@link Job#value}. */
  public T value() {
    return job.value();
  }

  /** See {@link Job#headers}. */
  public Map<String, String> headers() {
    return job.headers();
  }

  /** See {@link Job#attempt}. */
  public int attempt() {
    return job.attempt();
  }

  /** See {@link Job#maxAttempts}. */
  public OptionalInt maxAttempts() {
    return job.maxAttempts();
  }

  /** See {@link Job#priority}. */
  public int priority() {
    return job.priority();
  }

  /** See {@link Job#enqueuedAt}. */
  public @Nullable Instant enqueuedAt() {
    return job.enqueuedAt();
  }

  /** See {@link Job#leaseDeadline}. */
  public @Nullable Instant leaseDeadline() {
    return job.leaseDeadline();
  }

  /** See {@link Job#leaseEndsWithin}. */
  public boolean leaseEndsWithin(Duration time) {
    return job.leaseEndsWithin(time);
  }

  /** See {@link Job#sequence}. */
  public OptionalLong sequence() {
    return job.sequence();
  }

  /** See {@link Job#partition}. */
  public int partition() {
    return job.partition();
  }

  /** See {@link Job#producer}. */
  public @Nullable ProducerSequence producer() {
    return job.producer();
  }

  /** See {@link Job#ack}. */
  public Future<Void> ack() {
    return contexts.future(job.ack());
  }

  /** See {@link Job#nack()}. */
  public Future<NackOutcome> nack() {
    return contexts.future(job.nack());
  }

  /** See {@link Job#nack(Duration)}. */
  public Future<NackOutcome> nack(Duration delay) {
    return contexts.future(job.nack(delay));
  }

  /** See {@link Job#nack(Duration, String)}. */
  public Future<NackOutcome> nack(@Nullable Duration delay, String reason) {
    return contexts.future(job.nack(delay, reason));
  }

  /** See {@link Job#release}. */
  public Future<Void> release() {
    return contexts.future(job.release());
  }

  /** See {@link Job#reject}. */
  public Future<Void> reject(String reason) {
    return contexts.future(job.reject(reason));
  }

  /** See {@link Job#extend}. */
  public Future<Instant> extend(Duration lease) {
    return contexts.future(job.extend(lease));
  }

  /** Nobody will handle it. If this fails, it comes back by itself when the lease ends. */
  void giveBack() {
    job.nack(Duration.ZERO);
  }
}
