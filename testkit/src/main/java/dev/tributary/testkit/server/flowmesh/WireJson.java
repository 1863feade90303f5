package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.tributary.vertx.internal.flowmesh.proto.ReplayProgress;
import dev.tributary.vertx.internal.flowmesh.proto.ReplaySession;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;

/** Messages of the wire as its HTTP side has them: all fields, by their names in the schema, numbers as numbers, bytes in base64. */
final class WireJson {
  private WireJson() {}

  static JsonObject of(Message message) {
    JsonObject json = new JsonObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isMapField()) {
        json.put(field.getName(), map((List<?>) message.getField(field)));
      } else if (field.isRepeated()) {
        JsonArray array = new JsonArray();
        ((List<?>) message.getField(field)).forEach(element -> array.add(value(element)));
        json.put(field.getName(), array);
      } else if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || message.hasField(field)) {
        json.put(field.getName(), value(message.getField(field)));
      }
    }
    return json;
  }

  static JsonArray array(List<? extends Message> messages) {
    JsonArray array = new JsonArray();
    messages.forEach(message -> array.add(of(message)));
    return array;
  }

  /** A session, without what it has not. */
  static JsonObject session(ReplaySession session) {
    JsonObject json = of(session);
    if (session.getStartTimestamp() == 0) {
      json.remove("start_timestamp");
    }
    if (session.getEndOffset() < 0) {
      json.remove("end_offset");
    }
    if (session.getEndTimestamp() == 0) {
      json.remove("end_timestamp");
    }
    ReplayProgress progress = session.getProgress();
    JsonObject shown = json.getJsonObject("progress");
    if (shown != null) {
      if (progress.getStartedAt() == 0) {
        shown.remove("started_at");
      }
      if (progress.getPausedAt() == 0) {
        shown.remove("paused_at");
      }
      if (progress.getCompletedAt() == 0) {
        shown.remove("completed_at");
      }
    }
    return json;
  }

  private static JsonObject map(List<?> entries) {
    JsonObject json = new JsonObject();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      json.put(
          (String) pair.getField(pair.getDescriptorForType().findFieldByNumber(1)),
          pair.getField(pair.getDescriptorForType().findFieldByNumber(2)));
    }
    return json;
  }

  private static Object value(Object value) {
    if (value instanceof Message message) {
      return of(message);
    }
    return value instanceof ByteString bytes ? Base64.getEncoder().encodeToString(bytes.toByteArray()) : value;
  }
}
