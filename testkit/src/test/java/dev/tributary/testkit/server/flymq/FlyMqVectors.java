package dev.tributary.testkit.server.flymq;

import io.netty.buffer.ByteBufUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What went over the wire of public servers: the driver's own tests have it too. */
final class FlyMqVectors {
  private static final Path FILE = Path.of(System.getProperty("basedir", ".")).resolve("../sdk-vertx/src/test/resources/flymq-vectors.json");

  private FlyMqVectors() {}

  static List<JsonObject> all() {
    try {
      return new JsonArray(Files.readString(FILE)).stream().map(JsonObject.class::cast).toList();
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  static List<byte[]> requests() {
    return all().stream().map(vector -> ByteBufUtil.decodeHexDump(vector.getString("request"))).toList();
  }
}
