package dev.tributary.vertx.internal.disheap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Between the SPI's values and Disheap's messages. */
final class DisheapMapping {
  /** As retries, there is no other word for unlimited; the number is unsigned. */
  static final int UNLIMITED = -1;

  private static final int LONGEST_ID = 255;

  private DisheapMapping() {}

  static Duration wire(java.time.Duration duration) {
    return Duration.newBuilder().setSeconds(duration.getSeconds()).setNanos(duration.getNano()).build();
  }

  static java.time.Duration duration(Duration wire) {
    try {
      return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
    } catch (ArithmeticException senseless) {
      throw new ProtocolViolationException(ErrorInfo.of("a duration of " + wire.getSeconds() + " s", "Check the server's version").causedBy(senseless));
    }
  }

  /** One that cannot be is not known: there is a job all the same. */
  static @Nullable Instant instant(Timestamp wire) {
    try {
      return Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos());
    } catch (DateTimeException | ArithmeticException senseless) {
      return null;
    }
  }

  /**
   * How long a lease is that begins now: by the server's clock alone, which tells no more than that it began after the job was enqueued.
   * Where that is not less, it is what was asked for.
   */
  static java.time.Duration lease(PopItem wire, java.time.Duration asked) {
    Instant enqueued = wire.hasEnqueuedTime() ? instant(wire.getEnqueuedTime()) : null;
    Instant end = wire.hasLeaseDeadline() ? instant(wire.getLeaseDeadline()) : null;
    if (enqueued == null || end == null) {
      return asked;
    }
    java.time.Duration most = java.time.Duration.between(enqueued, end);
    return most.isNegative() || most.isZero() || most.compareTo(asked) > 0 ? asked : most;
  }

  /** The job as it is sent; refused if the wire cannot say it. */
  static EnqueueReq request(String topic, NewJob<byte[]> job, long maxPriority, @Nullable Mode mode) {
    if (Math.abs((long) job.priority()) > maxPriority) {
      throw InvalidRequestException.of(
          "priority " + job.priority() + " is beyond " + maxPriority, "Give one between -" + maxPriority + " and " + maxPriority);
    }
    ByteString payload = UnsafeByteOperations.unsafeWrap(job.value());
    EnqueueReq.Builder wire =
        EnqueueReq.newBuilder().setTopic(topic).setPayload(payload).setPriority(priority(job.priority(), mode));
    ProducerSequence number = number(job);
    if (number != null) {
      wire.setProducerId(number.producer()).setEpoch(number.epoch()).setSequence(number.sequence());
    }
    String key = job.partitionKey();
    if (key != null) {
      wire.setPartitionKey(key);
    }
    java.time.Duration delay = job.delay();
    if (delay != null) {
      wire.setNotBefore(wire(delay));
    }
    job.maxAttempts().ifPresent(attempts -> wire.setMaxRetries(attempts - 1));
    return wire.build();
  }

  /** A deduplication id is a producer that makes one job. */
  private static @Nullable ProducerSequence number(NewJob<byte[]> job) {
    String id = job.deduplicationId();
    if (id == null) {
      return job.producerSequence();
    }
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw InvalidRequestException.of(
          "a deduplication id of " + id.length() + " characters", "Give one of 1 to " + LONGEST_ID);
    }
    return new ProducerSequence(id, 1, 1);
  }

  /** To the wire: in a MIN heap the smallest comes first. Without a mode there is nothing but 0. */
  private static long priority(int priority, @Nullable Mode mode) {
    return mode == Mode.MIN ? -(long) priority : priority;
  }

  /** From the wire, where others may have used more than we can say. */
  private static int priority(long wire, Mode mode) {
    long ours = mode == Mode.MAX ? wire : -Math.max(wire, -Long.MAX_VALUE);
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, ours));
  }

  static EnqueueResult result(EnqueueResp wire) {
    return new EnqueueResult(wire.getMessageId(), OptionalLong.empty(), wire.getDuplicate(), wire.getPartitionId());
  }

  static LeasedJob job(PopItem wire, Mode mode, int node, Deadline leaseDeadline) {
    return new LeasedJob(
        wire.getMessageId(),
        new Receipt(node, wire.getLeaseToken()).toString(),
        wire.getPayload().toByteArray(),
        Map.of(),
        Math.max(1, count(wire.getAttempts())),
        maxAttempts(wire.getMaxRetries()),
        priority(wire.getPriority(), mode),
        wire.hasEnqueuedTime() ? instant(wire.getEnqueuedTime()) : null,
        leaseDeadline,
        OptionalLong.empty(),
        wire.getPartitionId(),
        producer(wire.getProducerId(), wire.getEpoch(), wire.getSequence()));
  }

  static PeekedJob<byte[]> peeked(PeekItem wire, Mode mode) {
    return new PeekedJob<>(
        wire.getMessageId(),
        wire.getPayload().toByteArray(),
        Map.of(),
        count(wire.getAttempts()),
        maxAttempts(wire.getMaxRetries()),
        priority(wire.getPriority(), mode),
        wire.hasEnqueuedTime() ? instant(wire.getEnqueuedTime()) : null,
        wire.getIsLeased(),
        wire.hasLeaseDeadline() ? instant(wire.getLeaseDeadline()) : null,
        wire.getPartitionId(),
        producer(wire.getProducerId(), wire.getEpoch(), wire.getSequence()));
  }

  /** The wire does not say why it failed, nor when. */
  static DeadLetter<byte[]> deadLetter(PeekItem wire) {
    DeadLetter.Builder<byte[]> letter = DeadLetter.builder(wire.getPayload().toByteArray()).id(wire.getMessageId());
    int attempts = count(wire.getAttempts());
    return (attempts > 0 ? letter.attempts(attempts) : letter).build();
  }

  private static @Nullable ProducerSequence producer(String id, long epoch, long sequence) {
    try {
      return id.isEmpty() ? null : new ProducerSequence(id, epoch, sequence);
    } catch (InvalidRequestException notOurs) {
      return null;
    }
  }

  /** Deliveries: the first and the retries; empty for unlimited. */
  static OptionalInt maxAttempts(int retries) {
    return retries < 0 || retries == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(retries + 1);
  }

  /** Retries after the first of these deliveries; 0 is unlimited. */
  static int retries(int maxAttempts) {
    return maxAttempts == 0 ? UNLIMITED : maxAttempts - 1;
  }

  /** A number that is unsigned there. */
  static int count(int wire) {
    return wire < 0 ? Integer.MAX_VALUE : wire;
  }
}
