package dev.tributary.testkit.server.goqueue.internal.schemas;

import dev.tributary.schema.Compatibility;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** JSON Schema as far as GoQueue has it: a part of the language, in which every schema is an object. */
final class JsonSchemas {
  private static final int DEEPEST = 100;
  private static final Set<String> TYPES = Set.of("null", "boolean", "object", "array", "number", "integer", "string");
  private static final Set<String> OF_SCHEMAS = Set.of("properties", "definitions", "$defs");
  private static final Set<String> SCHEMAS = Set.of("additionalProperties", "items", "not");
  private static final Set<String> LISTS = Set.of("oneOf", "anyOf", "allOf");
  private static final Set<String> COUNTS = Set.of("minLength", "maxLength", "minItems", "maxItems");
  private static final Set<String> NUMBERS = Set.of("minimum", "maximum");
  private static final Pattern LOCAL = Pattern.compile("#/(definitions|\\$defs)/([^/]+)");

  private final JsonObject root;

  private JsonSchemas(JsonObject root) {
    this.root = root;
  }

  /** A definition, if it is a JSON object, not nested too deeply. */
  static Optional<JsonObject> read(String definition) {
    try {
      JsonObject object = new JsonObject(definition);
      return shallow(object, DEEPEST) ? Optional.of(object) : Optional.empty();
    } catch (DecodeException | ClassCastException other) {
      return Optional.empty();
    }
  }

  private static boolean shallow(@Nullable Object value, int levels) {
    if (value instanceof JsonObject object) {
      return levels > 0 && object.fieldNames().stream().allMatch(name -> shallow(object.getValue(name), levels - 1));
    }
    return !(value instanceof JsonArray array) || levels > 0 && array.stream().allMatch(one -> shallow(one, levels - 1));
  }

  /** A definition that is held to be of the part of the language that is known here. */
  static JsonObject check(String definition) {
    JsonObject root = read(definition).orElseThrow(() -> invalid("it is no JSON object, or nested more than " + DEEPEST + " times"));
    new JsonSchemas(root).check("#", root);
    return root;
  }

  static Refusal invalid(String why) {
    return new Refusal(422, "invalid schema: " + why);
  }

  private void check(String at, JsonObject schema) {
    for (String keyword : schema.fieldNames()) {
      Object value = schema.getValue(keyword);
      if (value != null) {
        check(at + "/" + keyword, keyword, value);
      }
    }
  }

  private void check(String at, String keyword, Object value) {
    if (OF_SCHEMAS.contains(keyword)) {
      JsonObject schemas = object(at, value);
      schemas.fieldNames().forEach(name -> schema(at + "/" + name, schemas.getValue(name)));
    } else if (SCHEMAS.contains(keyword)) {
      schema(at, value);
    } else if (LISTS.contains(keyword)) {
      array(at, value).forEach(one -> schema(at, one));
    } else if (COUNTS.contains(keyword)) {
      require(value instanceof Integer || value instanceof Long, at, "a whole number");
    } else if (NUMBERS.contains(keyword)) {
      require(value instanceof Number, at, "a number");
    } else {
      checkSimple(at, keyword, value);
    }
  }

  private void checkSimple(String at, String keyword, Object value) {
    switch (keyword) {
      case "type" -> {
        if (value instanceof JsonArray types) {
          types.forEach(type -> type(at, type));
        } else {
          type(at, value);
        }
      }
      case "required" -> array(at, value).forEach(name -> require(name instanceof String, at, "a list of names"));
      case "enum" -> array(at, value);
      case "pattern" -> pattern(at, text(at, value));
      case "$ref" -> reference(at, text(at, value));
      default -> {
        // What is not known says nothing.
      }
    }
  }

  private void schema(String at, @Nullable Object value) {
    check(at, object(at, value));
  }

  private static void type(String at, @Nullable Object value) {
    require(value instanceof String name && TYPES.contains(name), at, "one of " + TYPES.stream().sorted().toList());
  }

  private static void pattern(String at, String pattern) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException wrong) {
      throw invalid(at + ": " + wrong.getDescription());
    }
  }

  private void reference(String at, String reference) {
    var found = LOCAL.matcher(reference);
    require(
        found.matches() && root.getValue(found.group(1)) instanceof JsonObject defined && defined.containsKey(found.group(2)),
        at,
        "a reference to what is in definitions or $defs");
  }

  private static JsonObject object(String at, @Nullable Object value) {
    require(value instanceof JsonObject, at, "an object");
    return (JsonObject) Objects.requireNonNull(value);
  }

  private static JsonArray array(String at, @Nullable Object value) {
    require(value instanceof JsonArray, at, "a list");
    return (JsonArray) Objects.requireNonNull(value);
  }

  private static String text(String at, Object value) {
    require(value instanceof String, at, "a text");
    return (String) value;
  }

  private static void require(boolean holds, String at, String wanted) {
    if (!holds) {
      throw invalid(at + " is not " + wanted);
    }
  }

  /** Whether a definition may come after this one; after one that is no object nothing may. */
  static boolean compatible(Compatibility mode, String definition, JsonObject after) {
    return mode == Compatibility.NONE || read(definition).filter(before -> compatible(mode, before, after)).isPresent();
  }

  private static boolean compatible(Compatibility mode, JsonObject before, JsonObject after) {
    boolean backward = mode == Compatibility.BACKWARD || mode == Compatibility.FULL;
    boolean forward = mode == Compatibility.FORWARD || mode == Compatibility.FULL;
    return (!backward || readsOlder(before, after)) && (!forward || olderRead(before, after));
  }

  private static boolean readsOlder(JsonObject before, JsonObject after) {
    JsonObject old = properties(before);
    return old.fieldNames().containsAll(required(after))
        && old.fieldNames().stream().noneMatch(name -> retyped(old.getValue(name), properties(after).getValue(name)));
  }

  private static boolean retyped(@Nullable Object before, @Nullable Object after) {
    return before instanceof JsonObject old
        && after instanceof JsonObject fresh
        && !Objects.equals(old.getValue("type"), fresh.getValue("type"));
  }

  private static boolean olderRead(JsonObject before, JsonObject after) {
    Set<String> known = new HashSet<>(required(after));
    known.addAll(properties(after).fieldNames());
    return known.containsAll(required(before));
  }

  private static JsonObject properties(JsonObject schema) {
    return schema.getValue("properties") instanceof JsonObject properties ? properties : new JsonObject();
  }

  private static Set<String> required(JsonObject schema) {
    Set<String> names = new HashSet<>();
    if (schema.getValue("required") instanceof JsonArray required) {
      required.forEach(name -> names.add(String.valueOf(name)));
    }
    return names;
  }
}
