package dev.tributary.codec;

import java.util.Objects;

/** The codecs that need no library. */
public final class Codecs {
  private Codecs() {}

  /** Bytes as they are; the array is not copied. */
  public static Codec<byte[]> bytes() {
    return BytesCodec.INSTANCE;
  }

  /** Text as UTF-8. Malformed bytes and unpaired surrogates are errors, not question marks. */
  public static Codec<String> text() {
    return TextCodec.INSTANCE;
  }

  /** A codec of two functions. Both are called concurrently; what they throw is the codec's error. */
  public static <T> Codec<T> of(Encoder<? super T> encoder, Decoder<? extends T> decoder) {
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(decoder, "decoder");
    return new Codec<>() {
      @Override
      public byte[] encode(T value) throws Exception {
        return encoder.encode(value);
      }

      @Override
      public T decode(byte[] bytes) throws Exception {
        return decoder.decode(bytes);
      }
    };
  }

  /**
   * Encrypts what another codec makes, with AES-256-GCM: a fresh random nonce of 12 bytes, the ciphertext, a tag of 16 bytes, without
   * associated data. That is the format of FlyMQ's own clients. Only the value is encrypted; keys and headers are not.
   *
   * <p>The nonce is random, so change the key well before 2<sup>32</sup> messages.
   *
   * @param key {@link EncryptionKey#parse} reads it, {@link EncryptionKey#generate} makes one
   */
  public static <T> Codec<T> encrypted(Codec<T> codec, EncryptionKey key) {
    return new EncryptedCodec<>(codec, key);
  }

  /** See {@link Codecs#of}. */
  @FunctionalInterface
  public interface Encoder<T> {
    /** See {@link Codec#encode}. */
    byte[] encode(T value) throws Exception;
  }

  /** See {@link Codecs#of}. */
  @FunctionalInterface
  public interface Decoder<T> {
    /** See {@link Codec#decode}. */
    T decode(byte[] bytes) throws Exception;
  }
}
