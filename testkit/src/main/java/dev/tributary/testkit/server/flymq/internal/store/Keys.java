package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.Capability;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Keys are bytes on this wire and text for the transport. One that is no text travels in a header, so that it comes back as it was; which
 * partition it belongs to is decided here anyway.
 */
final class Keys {
  /** The header of a key that is no text, in base64. */
  private static final String HEADER = "flymq-key";

  private static final byte[] NONE = {};

  private Keys() {}

  static void put(Topics topics, Event.Builder<byte[]> event, byte[] key) {
    if (key.length == 0) {
      return;
    }
    String text = text(key);
    if (text == null ? !topics.can(Capability.EVENT_HEADERS) : !topics.can(Capability.EVENT_KEYS)) {
      throw new Refusal(topics.transport().backend() + " does not keep this key");
    } else if (text == null) {
      event.header(HEADER, Base64.getEncoder().encodeToString(key));
    } else {
      event.key(text);
    }
  }

  static byte[] of(Message<byte[]> message) {
    String binary = message.headers().get(HEADER);
    String key = message.key();
    return binary == null ? key == null ? NONE : key.getBytes(StandardCharsets.UTF_8) : decoded(binary);
  }

  private static @Nullable String text(byte[] key) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException noText) {
      return null;
    }
  }

  /** Anybody may put anything there by another protocol. */
  private static byte[] decoded(String binary) {
    try {
      return Base64.getDecoder().decode(binary);
    } catch (IllegalArgumentException other) {
      return NONE;
    }
  }
}
