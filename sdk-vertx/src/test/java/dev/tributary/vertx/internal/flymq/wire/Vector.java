package dev.tributary.vertx.internal.flymq.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** A request to a public server and what it answered, as it went over the wire. */
record Vector(String name, byte[] request, byte[] answer) {
  static List<Vector> all() {
    try (InputStream in = Objects.requireNonNull(Vector.class.getResourceAsStream("/flymq-vectors.json"))) {
      return new JsonArray(new String(in.readAllBytes(), StandardCharsets.UTF_8)).stream().map(one -> of((JsonObject) one)).toList();
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  private static Vector of(JsonObject json) {
    return new Vector(json.getString("name"), bytes(json, "request"), bytes(json, "answer"));
  }

  private static byte[] bytes(JsonObject json, String key) {
    return ByteBufUtil.decodeHexDump(json.getString(key));
  }

  /** The only frame in these bytes. */
  static Frame frame(byte[] bytes) throws Malformed {
    Deframer deframer = new Deframer(Frame.MOST_BYTES);
    deframer.add(Unpooled.wrappedBuffer(bytes));
    Frame frame = Objects.requireNonNull(deframer.next());
    if (deframer.waiting() > 0) {
      throw new AssertionError("more than a frame");
    }
    return frame;
  }

  static byte[] bytes(ByteBuf bytes) {
    return ByteBufUtil.getBytes(bytes);
  }

  @Override
  public String toString() {
    return name;
  }
}
