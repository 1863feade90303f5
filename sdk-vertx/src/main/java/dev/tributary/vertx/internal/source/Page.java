package dev.tributary.vertx.internal.source;

import dev.tributary.stream.Message;
import java.util.List;

/**
 * What a partition holds from an offset on.
 *
 * @param messages in order, from that offset on
 * @param next where to read on: behind the last message, and behind what will never be one
 * @param last whether nothing is to be expected behind it now
 */
public record Page(List<Message<byte[]>> messages, long next, boolean last) {
  /** How many bytes its values have. */
  public long bytes() {
    long bytes = 0;
    for (Message<byte[]> message : messages) {
      bytes += message.value().length;
    }
    return bytes;
  }
}
