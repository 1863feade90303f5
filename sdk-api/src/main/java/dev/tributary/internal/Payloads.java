package dev.tributary.internal;

import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.UndecodableException;
import dev.tributary.stream.Position;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A codec, with the errors and limits around it. Whatever a codec throws is caught: an unfinished call would hang its user. */
public final class Payloads<T> {
  private final Codec<T> codec;
  private final Checks checks;
  private final boolean raw;

  /** Of this codec, for the backend of these calls. */
  public Payloads(Codec<T> codec, Calls calls) {
    this.codec = codec;
    this.checks = calls.checks();
    this.raw = codec == (Codec<?>) Codecs.bytes();
  }

  /** Whether values are their own bytes, so that there is nothing to convert: then {@code T} is {@code byte[]}. */
  public boolean raw() {
    return raw;
  }

  /** The bytes of a value. On the caller's thread, before anything is sent. */
  public byte[] encode(@Nullable T value) {
    T present = Checks.present("value", value);
    byte[] bytes;
    if (raw) {
      bytes = (byte[]) present;
    } else {
      try {
        bytes = codec.encode(present);
      } catch (Throwable unencodable) {
        throw new InvalidRequestException(
            ErrorInfo.of("the codec cannot encode the value: " + unencodable, "Check that the value fits the codec").causedBy(unencodable));
      }
      if (bytes == null) {
        throw InvalidRequestException.of("the codec encoded the value to null", "A codec returns the bytes of a value, never null");
      }
    }
    int max = checks.limits().maxPayloadBytes();
    if (bytes.length > max) {
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              "the payload has " + bytes.length + " bytes, more than " + max, "Make it smaller, or store it elsewhere and send its address"));
    }
    if (bytes.length < checks.limits().minPayloadBytes()) {
      throw InvalidRequestException.of(
          "the payload has " + bytes.length + " bytes, fewer than " + checks.limits().minPayloadBytes(),
          "The backend refuses such payloads; send at least that");
    }
    return bytes;
  }

  /** The bytes of a payload together with its headers. */
  public static int size(byte[] payload, Map<String, String> headers) {
    long size = payload.length;
    if (!headers.isEmpty()) {
      for (Map.Entry<String, String> header : headers.entrySet()) {
        size += utf8(header.getKey()) + utf8(header.getValue());
      }
    }
    return (int) Math.min(size, Integer.MAX_VALUE);
  }

  /** About what a payload and its headers hold in memory: cheaper than their exact size. */
  public static long held(byte[] payload, Map<String, String> headers) {
    long size = payload.length;
    if (!headers.isEmpty()) {
      for (Map.Entry<String, String> header : headers.entrySet()) {
        size += header.getKey().length() + header.getValue().length();
      }
    }
    return size;
  }

  /** The bytes of a text. */
  public static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * The value of a job, a dead letter or a key. On the callback executor.
   *
   * @param what these are bytes of
   * @param id which of these
   * @throws UndecodableException that carries the id and the bytes
   */
  public T decode(byte[] bytes, String what, String id) {
    return raw ? same(bytes) : decode(bytes, info -> UndecodableException.ofItem(info, bytes, id), what, id);
  }

  /**
   * The value of the message at this position. On the callback executor.
   *
   * @throws UndecodableException that carries the position and the bytes
   */
  public T decode(byte[] bytes, Position position) {
    return raw ? same(bytes) : decode(bytes, info -> UndecodableException.ofMessage(info, bytes, position.partition(), position.offset()), "message", position);
  }

  @SuppressWarnings("unchecked") // see raw()
  private T same(byte[] bytes) {
    return (T) bytes;
  }

  /** @param which its {@code toString} is only asked for an error */
  private T decode(byte[] bytes, Function<ErrorInfo, UndecodableException> error, String what, Object which) {
    T value;
    try {
      value = codec.decode(bytes);
    } catch (Throwable undecodable) {
      throw error.apply(
          ErrorInfo.of(
                  "the codec cannot decode the payload of " + what + " " + which + ": " + undecodable,
                  "Read it with the codec it was written with, or go on after it")
              .causedBy(undecodable));
    }
    if (value == null) {
      throw error.apply(
          ErrorInfo.of("the codec decoded the payload of " + what + " " + which + " to null", "A codec throws for what it cannot decode"));
    }
    return value;
  }
}
