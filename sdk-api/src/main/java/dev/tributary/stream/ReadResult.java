package dev.tributary.stream;

import java.util.List;

/**
 * What was read of a partition, and where to read on.
 *
 * @param messages in order
 * @param next the offset to read on at: behind the last message, and behind what was left out; the one that was asked for if nothing is to be read
 *     there now
 */
public record ReadResult<T>(List<Message<T>> messages, long next) {
  public ReadResult {
    messages = List.copyOf(messages);
  }
}
