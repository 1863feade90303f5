package dev.tributary.vertx.internal.flymq.shipped;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.SchemaRejectedException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Of a message of Avro: its definition says what follows what. */
final class AvroBounds {
  private static final int LARGEST_FIXED = 32 << 20;
  /** No definition is deeper that somebody wrote. */
  private static final int DEEPEST = 100;

  private final Map<String, Part> named = new HashMap<>();

  private AvroBounds() {}

  static Bounds of(String definition) {
    Part whole;
    try {
      whole = new AvroBounds().part(Json.decodeValue(definition), "", Set.of(), 0);
    } catch (DecodeException | ClassCastException noJson) {
      throw rejected("it is no JSON of the form that Avro has");
    }
    return message -> whole.pass(new Walk(message), 0);
  }

  private static SchemaRejectedException rejected(String why) {
    return new SchemaRejectedException(
        ErrorInfo.of("not a definition of Avro that a public FlyMQ server bears: " + why, "Correct the definition"), List.of(why));
  }

  /** A part of a message; {@code depth} is how many it is in. */
  private interface Part {
    void pass(Walk walk, int depth) throws OutOfBounds;
  }

  /** @param within the records that it is in without a choice, so that it cannot be one of them */
  private Part part(@Nullable Object definition, String namespace, Set<String> within, int depth) {
    if (depth > DEEPEST) {
      throw rejected("it is more than " + DEEPEST + " deep");
    }
    if (definition instanceof JsonArray branches) {
      List<Part> parts = new ArrayList<>();
      for (int i = 0; i < branches.size(); i++) {
        parts.add(part(branches.getValue(i), namespace, Set.of(), depth + 1));
      }
      return union(parts);
    }
    if (definition instanceof String name) {
      return reference(name, namespace, within);
    }
    if (!(definition instanceof JsonObject object)) {
      throw rejected("a type that is " + definition);
    }
    Object type = object.getValue("type");
    if (!(type instanceof String kind)) {
      return part(type, namespace, within, depth + 1);
    }
    return switch (kind) {
      case "array" -> blocks(part(object.getValue("items"), namespace, Set.of(), depth + 1), false);
      case "map" -> blocks(part(object.getValue("values"), namespace, Set.of(), depth + 1), true);
      case "fixed" -> define(object, namespace, fixed(object.getNumber("size")));
      case "enum" -> define(object, namespace, (walk, deep) -> walk.varint());
      case "record", "error" -> record(object, namespace, within, depth);
      default -> reference(kind, namespace, within);
    };
  }

  private Part reference(String name, String namespace, Set<String> within) {
    switch (name) {
      case "null":
        return bytes(0);
      case "boolean":
        return bytes(1);
      case "float":
        return bytes(Float.BYTES);
      case "double":
        return bytes(Double.BYTES);
      case "int", "long":
        return (walk, depth) -> {
          walk.step();
          walk.varint();
        };
      case "bytes", "string":
        return (walk, depth) -> {
          walk.step();
          walk.skip(signed(walk.varint()));
        };
      default:
        String full = named.containsKey(fullName(name, namespace)) ? fullName(name, namespace) : name;
        if (within.contains(full)) {
          throw rejected("the record " + full + " contains itself");
        }
        if (!named.containsKey(full)) {
          throw rejected("there is no type " + full);
        }
        // It may be a record that is not defined to its end.
        return (walk, depth) -> Objects.requireNonNull(named.get(full)).pass(walk, depth);
    }
  }

  private static Part fixed(@Nullable Number size) {
    if (!(size instanceof Integer bytes) || bytes < 0 || bytes > LARGEST_FIXED) {
      throw rejected("a fixed of " + size + " bytes");
    }
    return bytes(bytes);
  }

  private static Part bytes(long size) {
    return (walk, depth) -> {
      walk.step();
      walk.skip(size);
    };
  }

  private Part record(JsonObject object, String namespace, Set<String> within, int depth) {
    List<Part> fields = new ArrayList<>();
    Part record =
        (walk, deep) -> {
          walk.step(deep);
          for (Part field : fields) {
            field.pass(walk, deep + 1);
          }
        };
    define(object, namespace, record);
    String full = fullName(object, namespace);
    Set<String> inside = new HashSet<>(within);
    inside.add(full);
    String home = full.substring(0, Math.max(0, full.lastIndexOf('.')));
    JsonArray defined = object.getJsonArray("fields");
    if (defined == null) {
      throw rejected("the record " + full + " has no fields");
    }
    for (int i = 0; i < defined.size(); i++) {
      fields.add(part(defined.getJsonObject(i).getValue("type"), home, inside, depth + 1));
    }
    return record;
  }

  private static Part union(List<Part> branches) {
    return (walk, depth) -> {
      walk.step(depth);
      long chosen = signed(walk.varint());
      if (chosen < 0 || chosen >= branches.size()) {
        throw new OutOfBounds("the branch " + chosen + " of a union of " + branches.size());
      }
      branches.get((int) chosen).pass(walk, depth + 1);
    };
  }

  /** Items in blocks, each after their count; one that is negative is followed by how many bytes they take. */
  private static Part blocks(Part item, boolean keyed) {
    return (walk, depth) -> {
      walk.step(depth);
      for (long count = signed(walk.varint()); count != 0; count = signed(walk.varint())) {
        if (count < 0) {
          walk.varint();
        }
        for (long i = 0; i != Math.abs(count); i++) {
          walk.step();
          if (keyed) {
            walk.skip(signed(walk.varint()));
          }
          item.pass(walk, depth + 1);
        }
      }
    };
  }

  private static long signed(long zigzag) {
    return zigzag >>> 1 ^ -(zigzag & 1);
  }

  private Part define(JsonObject object, String namespace, Part part) {
    if (named.put(fullName(object, namespace), part) != null) {
      throw rejected("there are two types " + fullName(object, namespace));
    }
    return part;
  }

  private static String fullName(JsonObject object, String namespace) {
    String name = object.getString("name");
    if (name == null || name.isEmpty()) {
      throw rejected("a " + object.getString("type") + " without a name");
    }
    return fullName(name, object.getString("namespace", namespace));
  }

  private static String fullName(String name, String namespace) {
    return name.indexOf('.') >= 0 || namespace.isEmpty() ? name : namespace + "." + name;
  }
}
