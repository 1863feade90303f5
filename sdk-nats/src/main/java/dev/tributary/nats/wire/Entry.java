package dev.tributary.nats.wire;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message as a stream keeps it, however it was read.
 *
 * @param seq its sequence, from 1
 * @param headers without those that say where it is kept
 * @param time when it was stored
 */
public record Entry(String subject, long seq, Headers headers, byte[] data, Instant time) {
  private static final byte[] NOTHING = new byte[0];

  /** One that a pull brought: the address of its ack says the rest. */
  public static Entry pulled(Message message, Delivery delivery) {
    return new Entry(message.getSubject(), delivery.streamSeq(), headers(message), message.getData(), delivery.time());
  }

  /** One that was read directly: headers say the rest. */
  public static Entry direct(Message message) {
    Headers headers = message.getHeaders();
    return new Entry(
        headers.getFirst("Nats-Subject"),
        Long.parseLong(headers.getFirst("Nats-Sequence")),
        headers,
        message.getData(),
        Instant.parse(headers.getFirst("Nats-Time-Stamp")));
  }

  /** One that the leader gave. */
  public static Entry of(Answers.Kept kept) {
    byte[] data = kept.data();
    return new Entry(kept.subject(), kept.seq(), parse(kept.hdrs()), data == null ? NOTHING : data, Instant.parse(kept.time()));
  }

  private static Headers headers(Message message) {
    return message.hasHeaders() ? message.getHeaders() : new Headers();
  }

  private static Headers parse(byte @Nullable [] block) {
    Headers headers = new Headers();
    if (block == null) {
      return headers;
    }
    String[] lines = new String(block, StandardCharsets.US_ASCII).split("\r\n");
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.add(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
      }
    }
    return headers;
  }

  /** The value of a header; null if there is none. */
  public @Nullable String header(String name) {
    return headers.getFirst(name);
  }
}
