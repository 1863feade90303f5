package dev.tributary;

/** Where a subscription, consumer or worker stands. Faults that it recovers from are states, not errors. */
public enum SubscriptionState {
  /** Not yet delivering: the first connection is being made. */
  CONNECTING,
  /** Delivering, or waiting for something to deliver. */
  LIVE,
  /** The connection broke; it is being made again, from where delivery stopped. */
  RECONNECTING,
  /** Over, by the subscriber or by an error. Nothing follows. */
  CLOSED
}
