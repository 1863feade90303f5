package dev.tributary.vertx.internal.flymq.shipped;

/** Of a message of Protobuf, whatever its fields mean. */
final class ProtobufBounds implements Bounds {
  @Override
  public void check(byte[] message) throws OutOfBounds {
    Walk walk = new Walk(message);
    while (!walk.atEnd()) {
      walk.step();
      int wireType = (int) walk.varint() & 7;
      switch (wireType) {
        case 0 -> walk.varint();
        case 1 -> walk.skip(Long.BYTES);
        case 2 -> walk.skip(walk.varint());
        case 5 -> walk.skip(Integer.BYTES);
        default -> {
          // A group begins or ends; what is in it follows.
          if (wireType > 5) {
            throw new OutOfBounds("a field of the wire type " + wireType);
          }
        }
      }
    }
  }
}
