package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A group keeps count of what its members are leased and have settled, and a poll of one can be ended. Thread-safe. */
public final class GroupDeliveries implements Deliveries {
  /** It must answer within 30 s. */
  private static final Duration LONGEST = Duration.ofSeconds(25);

  private static final Duration END = Duration.ofSeconds(5);

  private final Api api;
  private final Polling polling;
  private final Receipts receipts;
  private final SharedMember member;
  private final String group;
  private final UnbrokenPolls polls;
  private final String name = UUID.randomUUID().toString();
  private final AtomicLong asked = new AtomicLong();

  /** Of this group, as this member of it. */
  public GroupDeliveries(Api api, TimeSource time, Receipts receipts, String group, SharedMember member) {
    this.api = api;
    this.polling = new Polling(api, time);
    this.receipts = receipts;
    this.member = member;
    this.group = group;
    this.polls = new UnbrokenPolls(time, job -> receipts.quietly(job, deadline -> receipts.release(job, deadline)));
  }

  @Override
  public Duration longest() {
    return LONGEST;
  }

  @Override
  public Duration kept() {
    return Duration.ZERO;
  }

  @Override
  public CompletableFuture<List<LeasedJob>> poll(int most, Duration lease, Duration stay) {
    String poll = name + asked.incrementAndGet();
    Duration rounded = Duration.ofSeconds(Receipts.seconds(lease));
    return polls.poll(
        member.as(id -> polling.poll(group, id, most, rounded, stay, "&poll=" + poll)),
        () -> stay.isZero() ? CompletableFuture.completedFuture(true) : end(poll));
  }

  /** Whether the server knew it. */
  private CompletableFuture<Boolean> end(String poll) {
    return api.within(
        END,
        deadline ->
            Steps.map(
                api.post(Groups.path(group) + "/poll/end", new Messages.EndPoll(poll), Messages.PollEnded.class, deadline), Messages.PollEnded::ended));
  }

  @Override
  public CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    return switch (settlement.kind()) {
      case ACK -> receipts.ack(job, deadline);
      case NACK -> receipts.nack(job, settlement.duration(), settlement.reason(), deadline);
      case RELEASE -> receipts.release(job, deadline);
      case REJECT -> receipts.reject(job, settlement.reason(), deadline);
      case EXTEND -> receipts.extend(job, Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  @Override
  public boolean idle() {
    return true;
  }

  @Override
  public CompletableFuture<?> close() {
    return polls.over();
  }
}
