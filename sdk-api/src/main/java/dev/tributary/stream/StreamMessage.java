package dev.tributary.stream;

import dev.tributary.ResourceName;

/**
 * A message of one of several streams.
 *
 * @param stream where it was read
 * @param message as it was read there
 */
public record StreamMessage<T>(ResourceName stream, Message<T> message) {
  /** The message's value, or what it throws if it has none. */
  public T value() {
    return message.value();
  }
}
