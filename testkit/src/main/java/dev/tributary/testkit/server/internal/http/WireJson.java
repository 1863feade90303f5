package dev.tributary.testkit.server.internal.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;

/** Messages of a wire as JSON: all fields, by their names in the schema, numbers as numbers, bytes in base64. */
public final class WireJson {
  private WireJson() {}

  public static JsonObject of(Message message) {
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

  public static JsonArray array(List<? extends Message> messages) {
    JsonArray array = new JsonArray();
    messages.forEach(message -> array.add(of(message)));
    return array;
  }

  private static JsonObject map(List<?> entries) {
    JsonObject json = new JsonObject();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      json.put(
          String.valueOf(pair.getField(pair.getDescriptorForType().findFieldByNumber(1))),
          value(pair.getField(pair.getDescriptorForType().findFieldByNumber(2))));
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
