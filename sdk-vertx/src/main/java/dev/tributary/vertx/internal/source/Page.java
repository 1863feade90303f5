package dev.tributary.vertx.internal.source;

import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.stream.ReadResult;
import java.util.List;
import java.util.Map;

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

  /** As much of it as has no more bytes than these, with keys and headers, but for the first message. */
  public ReadResult<byte[]> within(long most) {
    long bytes = 0;
    for (int i = 0; i < messages.size(); i++) {
      bytes += size(messages.get(i));
      if (i > 0 && bytes > most) {
        return new ReadResult<>(messages.subList(0, i), messages.get(i - 1).offset() + 1);
      }
    }
    return new ReadResult<>(messages, next);
  }

  private static long size(Message<byte[]> message) {
    EventKey key = message.key();
    long size = message.value().length + (key == null ? 0 : key.size());
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      size += header.getKey().length() + header.getValue().length();
    }
    return size;
  }
}
