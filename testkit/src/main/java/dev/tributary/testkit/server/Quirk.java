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
  REPLAY_DELETE_HANGS
}
