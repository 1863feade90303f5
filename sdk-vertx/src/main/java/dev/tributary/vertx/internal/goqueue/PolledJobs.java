package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.wire.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The jobs in the answer to a poll. */
final class PolledJobs {
  private static final Pattern DELIVERY = Pattern.compile(":(\\d{1,9}):[^:]*$");

  private PolledJobs() {}

  /** Those of an answer, leased until then. */
  static List<LeasedJob> of(Messages.Polled polled, Deadline until) {
    List<LeasedJob> jobs = new ArrayList<>();
    polled.messages().forEach((partition, some) -> some.forEach(message -> jobs.add(job(partition, message, until))));
    return jobs;
  }

  private static LeasedJob job(int partition, Messages.PolledMessage message, Deadline until) {
    long offset = message.offset();
    String receipt = message.receiptHandle();
    Envelope envelope = Envelope.decode(message.value());
    return new LeasedJob(
        partition + ":" + offset,
        receipt,
        envelope.value(),
        envelope.headers(),
        attempt(receipt),
        OptionalInt.of(Receipts.MAX_ATTEMPTS),
        Priorities.parse(message.priority()).orElse(0),
        message.timestamp(),
        until,
        OptionalLong.of(offset),
        partition,
        null);
  }

  /** The receipt says which delivery it is of: {@code topic:partition:offset:delivery:random}. */
  private static int attempt(String receipt) {
    Matcher found = DELIVERY.matcher(receipt);
    return found.find() ? Math.max(1, Integer.parseInt(found.group(1))) : 1;
  }

  /** The same, which is this attempt at it. */
  static LeasedJob withAttempt(LeasedJob job, int attempt, @Nullable Deadline end) {
    return new LeasedJob(
        job.id(),
        job.receipt(),
        job.value(),
        job.headers(),
        attempt,
        job.maxAttempts(),
        job.priority(),
        job.enqueuedAt(),
        end,
        job.sequence(),
        job.partition(),
        null);
  }
}
