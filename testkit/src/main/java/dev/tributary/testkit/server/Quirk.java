package dev.tributary.testkit.server;

/** A fault of public servers that an {@link EmbeddedServer} shows only when told to: as an error, never as a crash. */
public enum Quirk {
  /** FlowMesh: reserving from an empty queue takes the server down; here the call fails UNAVAILABLE. */
  RESERVE_ON_EMPTY_FAILS,
  /** FlowMesh: a long poll into which a job arrives fails NOT_FOUND. */
  LONG_POLL_FAILS,
  /** FlowMesh: a replay shows itself active and does not move. */
  REPLAY_STANDS_STILL,
  /** FlowMesh: deleting an active replay session never answers. */
  REPLAY_DELETE_HANGS,
  /** Disheap: a topic with characters it does not have, or too many, takes the engine down; here the call fails UNAVAILABLE. */
  BAD_TOPIC_FAILS,
  /**
   * Disheap: an engine whose parts are not connected. What is enqueued is stored and nobody gets it: streams deliver fabricated
   * messages, ten a second, and every settlement succeeds. Nothing is deduplicated, batches stop in the middle, heaps are listed once
   * they were touched, statistics are of the node alone, purging and moving to the dead letters are not there.
   */
  SHIPPED_DISHEAP,
  /**
   * GoQueue: a server as it is shipped. Reading goes by priority and skips what is passed over; delayed messages keep the place they were
   * published to, hide that offset of every partition, are delivered when they are cancelled, and all at once after a restart; messages
   * without a key go to every other partition. Acknowledging does not move a group on, what one group has in flight no other gets, a
   * message that is not acknowledged is in nobody's hands for long and then both a dead letter and delivered again, and nobody waits for
   * the pause after a nack. Transactions are not fenced. Answers that take 30 s are not given. There is a topic {@code demo-orders}.
   */
  SHIPPED_GOQUEUE,
  /**
   * FlyMQ: a server as it is shipped, with its features switched on. A chosen partition and a ttl have no effect, the end of an empty partition
   * is 1, what is published in a special way is said to be in partition 0, commits are taken for topics that are not there, what does not ask
   * for a topic's reader or writer is open to everybody, a dead letter stays when it is replayed, and an unknown schema fits everything. What
   * takes it down ends the connection here, and is counted: {@link ServerFaults#crashes()}.
   */
  SHIPPED_FLYMQ,
  /**
   * FlyMQ: as it is started if nobody asks for its features. Transactions and delays write at once, a rollback takes nothing back, there are no
   * dead letters, and nothing is checked by a schema; all of it says that it succeeded.
   */
  FLYMQ_FEATURES_OFF
}
