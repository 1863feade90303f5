package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Subjects and their versions. A version's number is never used again, even after it is deleted. Used inside the gate. */
final class SchemaRegistry {
  private final Clock clock;
  private final TreeMap<String, Subject> subjects = new TreeMap<>();
  private final Map<String, Compatibility> modes = new HashMap<>();
  private final Map<Long, SchemaVersion> byId = new HashMap<>();
  private Compatibility mode = Compatibility.NONE;
  private long lastId;

  SchemaRegistry(Clock clock) {
    this.clock = clock;
  }

  Schema register(ResourceName name, SchemaFormat format, String definition) {
    Subject subject = subjects.computeIfAbsent(name.toString(), unknown -> new Subject());
    for (SchemaVersion known : subject.versions.values()) {
      if (known.schema().format() == format && known.schema().definition().equals(definition)) {
        return known.schema();
      }
    }
    JsonDefinition json = compile(format, definition);
    if (!compatible(name, format, json)) {
      throw new SchemaRejectedException(
          ErrorInfo.of(
              "the definition is not " + mode(name) + " compatible with the latest version of " + name,
              "Keep to what the mode allows, or set another mode"));
    }
    Schema schema = new Schema(name.toString(), subject.last + 1, format, definition, clock.wall(), OptionalLong.of(++lastId));
    SchemaVersion version = new SchemaVersion(schema, json);
    subject.last = schema.version();
    subject.versions.put(schema.version(), version);
    byId.put(lastId, version);
    return schema;
  }

  /** This version, the latest if empty. */
  SchemaVersion get(ResourceName name, OptionalInt version) {
    return get(name.toString(), version);
  }

  private SchemaVersion get(String name, OptionalInt version) {
    Subject subject = subjects.get(name);
    SchemaVersion found = null;
    if (subject != null && !subject.versions.isEmpty()) {
      found = version.isPresent() ? subject.versions.get(version.getAsInt()) : subject.versions.lastEntry().getValue();
    }
    if (found == null) {
      throw new NotFoundException(
          ErrorInfo.of(
              "there is no " + (version.isPresent() ? "version " + version.getAsInt() : "version") + " of the schema " + name,
              "Register one, or look at what versions there are"));
    }
    return found;
  }

  /** The version with this number. */
  SchemaVersion get(long id) {
    SchemaVersion found = byId.get(id);
    if (found == null) {
      throw new NotFoundException(ErrorInfo.of("there is no schema with the id " + id, "Look at what versions there are"));
    }
    return found;
  }

  /** Refuses an event that does not match the schema that it names. */
  void check(Event<byte[]> event) {
    if (event.schema() != null) {
      get(event.schema(), OptionalInt.empty()).require(event.value(), "the value", "Send what the schema describes");
    }
  }

  List<Schema> versions(ResourceName name) {
    Subject subject = subjects.get(name.toString());
    return subject == null ? List.of() : subject.versions.values().stream().map(SchemaVersion::schema).toList();
  }

  List<String> subjects() {
    return subjects.entrySet().stream().filter(subject -> !subject.getValue().versions.isEmpty()).map(Map.Entry::getKey).toList();
  }

  void delete(ResourceName name, int version) {
    byId.remove(get(name, OptionalInt.of(version)).schema().id().orElseThrow());
    java.util.Objects.requireNonNull(subjects.get(name.toString())).versions.remove(version);
  }

  Compatibility mode(@Nullable ResourceName name) {
    return name == null ? mode : modes.getOrDefault(name.toString(), mode);
  }

  void mode(@Nullable ResourceName name, Compatibility other) {
    if (name == null) {
      mode = other;
    } else {
      modes.put(name.toString(), other);
    }
  }

  boolean compatible(ResourceName name, SchemaFormat format, String definition) {
    return compatible(name, format, compile(format, definition));
  }

  private boolean compatible(ResourceName name, SchemaFormat format, @Nullable JsonDefinition json) {
    Compatibility required = mode(name);
    Subject subject = subjects.get(name.toString());
    if (required == Compatibility.NONE || subject == null || subject.versions.isEmpty()) {
      return true;
    }
    SchemaVersion latest = subject.versions.lastEntry().getValue();
    if (latest.schema().format() != format) {
      return false;
    }
    JsonDefinition before = latest.json();
    if (json == null || before == null) {
      throw new UnsupportedFeatureException(
          ErrorInfo.of(
              "the memory backend cannot compare " + format + " schemas", "Use JSON Schema, or the compatibility mode NONE"));
    }
    boolean backward = required == Compatibility.BACKWARD || required == Compatibility.FULL;
    boolean forward = required == Compatibility.FORWARD || required == Compatibility.FULL;
    return !(backward && json.breaksReadersOfOlder(before)) && !(forward && json.breaksOlderReaders(before));
  }

  void clear() {
    subjects.clear();
    byId.clear();
    modes.clear();
    mode = Compatibility.NONE;
  }

  private static @Nullable JsonDefinition compile(SchemaFormat format, String definition) {
    if (format != SchemaFormat.JSON) {
      return null;
    }
    try {
      return JsonDefinition.compile(definition);
    } catch (NoClassDefFoundError missing) {
      throw InvalidRequestException.of(
          "JSON Schema needs a validator, which is not on the class path", "Add com.networknt:json-schema-validator 1.5");
    }
  }

  private static final class Subject {
    private final TreeMap<Integer, SchemaVersion> versions = new TreeMap<>();
    private int last;
  }
}
