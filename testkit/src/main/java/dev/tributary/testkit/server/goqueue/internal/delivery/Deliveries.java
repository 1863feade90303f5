package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.Deadline;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to members of groups, and hears what becomes of them. What is said of a receipt that nobody has, or that counts no more,
 * is refused with status 500 and a text that says so. Thread-safe.
 */
public interface Deliveries {
  /** What is said of a receipt that means nothing. */
  String UNKNOWN = "receipt handle not found";

  /** How long a member has a message if it does not say. */
  Duration VISIBILITY = Duration.ofSeconds(30);

  /**
   * One message on its way to a member.
   *
   * @param receipt what the member has to show for it
   */
  record Delivery(Message<byte[]> message, String receipt) {}

  /** Something that a member said of a message that it has. */
  record Settled(GroupPartition place, String member, long offset) {}

  /**
   * An ack.
   *
   * @param committed the next offset of the partition up to which all is settled
   * @param advanced whether this ack moved that
   * @param inFlight how many messages of the partition the member still has
   */
  record Acked(Settled message, long committed, boolean advanced, long inFlight) {}

  /**
   * A nack.
   *
   * @param dead whether it is a dead letter now
   * @param delivery the number of its next delivery
   * @param visibleAt when that is, at the earliest
   */
  record Nacked(Settled message, boolean dead, int delivery, Instant visibleAt) {}

  /**
   * What a member asks for.
   *
   * @param each the most of each partition
   * @param all the most together
   * @param visibility how long it is to have them
   */
  record Ask(String member, int each, int all, Duration visibility) {}

  /**
   * What became of all messages that members had.
   *
   * @param queued how many wait until they are delivered once more
   * @param byReason dead letters by why they are
   * @param byTopic dead letters by the topic they were in
   */
  record Stats(
      long acks,
      long nacks,
      long rejects,
      long expired,
      long retries,
      long deadLetters,
      long queued,
      long deliveries,
      long inFlight,
      long extensions,
      Map<String, Long> byReason,
      Map<String, Long> byTopic,
      long createErrors,
      long publishErrors) {}

  /**
   * Messages of a group.
   *
   * @param from of this group and of this topic
   * @param patience how long it may wait if there is nothing now. It need not: then there is nothing yet. If it is cancelled, nothing is taken.
   */
  CompletableFuture<List<Delivery>> take(List<GroupPartition> from, Ask ask, Duration patience, Deadline deadline);

  /** These did not get to their member: as if they had never been delivered. */
  void giveBack(List<Delivery> unseen);

  /** A member is done with a message. */
  CompletableFuture<Acked> ack(String receipt, Deadline deadline);

  /**
   * A member gives a message up.
   *
   * @param reason why; null if it does not say
   * @param delay how long nobody is to get it; null for as long as usual
   */
  CompletableFuture<Nacked> nack(String receipt, @Nullable String reason, @Nullable Duration delay, Deadline deadline);

  /** A member did not begin with a message: it is ready again, as if it had never been delivered. */
  CompletableFuture<Nacked> release(String receipt, Deadline deadline);

  /** A member wants nobody to get a message again: it becomes a dead letter. */
  CompletableFuture<Settled> reject(String receipt, String reason, Deadline deadline);

  /** A member has a message this long from now; says until when. */
  CompletableFuture<Instant> extend(String receipt, Duration by, Deadline deadline);

  CompletableFuture<Stats> stats(Deadline deadline);

  /** The server begins to listen. */
  default void start() {}

  /** The server does not listen any more, for now. */
  default void stop() {}
}
