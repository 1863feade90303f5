package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks for jobs as a member of a group. Thread-safe. */
public final class Polling {
  private static final Pattern DELIVERY = Pattern.compile(":(\\d{1,9}):[^:]*$");

  /** Beyond the time that a poll may stay. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Api api;
  private final TimeSource time;

  public Polling(Api api, TimeSource time) {
    this.api = api;
    this.time = time;
  }

  /**
   * One request.
   *
   * @param stay how long it stays at the server if nothing is there
   * @param more further parameters of the query
   */
  public CompletableFuture<List<LeasedJob>> poll(String group, String member, int most, Duration lease, Duration stay, String more) {
    // Whole milliseconds: finer ones have a unit that is no ASCII.
    Duration rounded = Duration.ofMillis(stay.plusNanos(999_999).toMillis());
    String query =
        "&limit=" + most + "&max_messages=" + most + "&timeout=" + GoDuration.format(rounded) + "&visibility=" + GoDuration.format(lease) + more;
    String path = Groups.path(group) + "/poll?member_id=" + URLEncoder.encode(member, StandardCharsets.UTF_8) + query;
    return api.within(
        rounded.plus(GRACE),
        deadline ->
            Steps.map(
                rounded.isZero() ? api.get(path, Messages.Polled.class, deadline) : api.poll(path, Messages.Polled.class, deadline),
                polled -> jobs(polled, Deadline.after(time, lease))));
  }

  /** Those of an answer, leased until then. */
  private static List<LeasedJob> jobs(Messages.Polled polled, Deadline until) {
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
  public static LeasedJob withAttempt(LeasedJob job, int attempt, @Nullable Deadline end) {
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
