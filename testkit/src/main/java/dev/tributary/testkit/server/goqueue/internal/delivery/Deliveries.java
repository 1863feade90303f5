package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.Deadline;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to members of groups, and hears what becomes of them. What is said of a receipt that nobody has, or that counts no more,
 * is refused with status 500 and a text that says so. Thread-safe.
 */
public interface Deliveries {
  /** What is said of a receipt that means nothing. */
  String UNKNOWN = "receipt handle not found";

  /**
   * One message on its way to a member.
   *
   * @param receipt what the member has to show for it
   * @param giveBack has it as if it had never been delivered
   */
  record Delivery(Message<byte[]> message, String receipt, Runnable giveBack) {}

  /** Something that a member said of a message that it has. */
  record Settled(GroupPartition place, String member, long offset) {}

  /**
   * An ack.
   *
   * @param committed the next offset of the partition up to which all is settled, as this server counts it
   * @param advanced whether this ack moved that
   * @param inFlight how many messages of the partition the member still has
   */
  record Acked(Settled message, long committed, boolean advanced, int inFlight) {}

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
   * Messages that are there now.
   *
   * @param from of this group and of this topic
   */
  CompletableFuture<List<Delivery>> take(List<GroupPartition> from, Ask ask, Deadline deadline);

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
  Nacked release(String receipt);

  /** A member wants nobody to get a message again: it becomes a dead letter. */
  CompletableFuture<Settled> reject(String receipt, String reason, Deadline deadline);

  /** A member has a message this long from now; says until when. */
  Instant extend(String receipt, Duration by);

  /** Stores how far a group is. */
  CompletableFuture<Void> commit(GroupPartition place, long next, Deadline deadline);

  /** The group is no more. */
  void forgetGroup(String group);

  /** The topic is no more. */
  void forgetTopic(String topic);

  /** How many messages members have. */
  int inFlight();

  /** How many messages wait until they are delivered once more. */
  int queued();

  /** Begins to look after what ends by itself. */
  void start();

  /** Nothing ends by itself any more. */
  void stop();
}
