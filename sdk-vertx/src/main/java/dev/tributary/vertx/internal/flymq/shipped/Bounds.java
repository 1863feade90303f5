package dev.tributary.vertx.internal.flymq.shipped;

import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.SchemaFormat;

/**
 * What a message has to keep to before a public server may see it: its decoders believe every length and count, and one that is too large takes
 * the server down, or has it spin for ever.
 */
@FunctionalInterface
public interface Bounds {
  /** For a server that bears everything, and for what does no harm. */
  Bounds NONE = message -> {};

  /**
   * Walks through a message.
   *
   * @throws OutOfBounds if it does not match whatever else it says
   * @throws UnsupportedFeatureException if it has too many parts to be walked through on an event loop
   */
  void check(byte[] message) throws OutOfBounds;

  /**
   * Those of the messages of a schema.
   *
   * @throws SchemaRejectedException if the definition is none, or takes the server down with any message
   */
  static Bounds of(SchemaFormat format, String definition) {
    return switch (format) {
      case JSON -> NONE;
      case AVRO -> AvroBounds.of(definition);
      case PROTOBUF -> new ProtobufBounds();
    };
  }
}
