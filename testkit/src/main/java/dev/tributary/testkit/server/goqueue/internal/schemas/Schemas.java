package dev.tributary.testkit.server.goqueue.internal.schemas;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.SerialCalls;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The registry of the transport as this wire has it: what is registered again after its JSON was only written differently is the same
 * version, every version has a number of its own, and the mode is BACKWARD where nobody chose one, which is taken to be so while there
 * are no subjects and the mode is NONE. Thread-safe.
 */
public final class Schemas {
  private final Topics topics;
  private final FlatNames names;
  private final SerialCalls serial;
  private volatile boolean prepared;
  /** The numbers of a transport that has none: whatever is seen here gets one. */
  private final Map<Version, Long> numbers = new ConcurrentHashMap<>();

  private final AtomicLong lastNumber = new AtomicLong();

  private record Version(String subject, int version) {}

  public Schemas(Topics topics, TimeSource time) {
    this.topics = topics;
    this.names = topics.names();
    this.serial = new SerialCalls(time);
  }

  private SchemaTransport transport() {
    return topics.transport().schemas().orElseThrow(() -> new Refusal(501, topics.transport().backend() + " has no schemas"));
  }

  private boolean hasModes() {
    return topics.can(Capability.SCHEMA_COMPATIBILITY);
  }

  private void requireModes() {
    if (!hasModes()) {
      throw new Refusal(501, topics.transport().backend() + " has no compatibility modes");
    }
  }

  /** The subjects that can be said here, ascending. */
  public CompletableFuture<List<String>> subjects(Deadline deadline) {
    return Steps.map(
        transport().subjects(deadline),
        all -> {
          List<String> flat = new ArrayList<>();
          for (String subject : all) {
            try {
              flat.add(names.flat(ResourceName.parse(subject, Topics.HOME, Topics.HOME)));
            } catch (InvalidRequestException tooLong) {
              // Nobody can ask for it over this wire either.
            }
          }
          return flat.stream().sorted().toList();
        });
  }

  /** What a subject of the transport is called here. */
  public String subject(Schema schema) {
    return names.flat(ResourceName.parse(schema.subject(), Topics.HOME, Topics.HOME));
  }

  /** All versions, ascending; none if there is no such subject. */
  public CompletableFuture<List<Schema>> versions(String subject, Deadline deadline) {
    return transport().versions(names.full(subject), deadline);
  }

  /** The version that is the same but for how its JSON is written, if there is one. */
  public CompletableFuture<Optional<Schema>> find(String subject, String definition, Deadline deadline) {
    JsonObject wanted = JsonSchemas.check(definition);
    return Steps.map(versions(subject, deadline), versions -> versions.stream().filter(known -> same(known, wanted)).findFirst());
  }

  private static boolean same(Schema known, JsonObject wanted) {
    return known.format() == SchemaFormat.JSON && JsonSchemas.read(known.definition()).filter(wanted::equals).isPresent();
  }

  public CompletableFuture<Schema> register(String subject, String definition, Deadline deadline) {
    return changing(
        deadline,
        () ->
            Steps.then(
                find(subject, definition, deadline),
                known -> known.map(CompletableFuture::completedFuture).orElseGet(() -> registerNew(subject, definition, deadline))));
  }

  private CompletableFuture<Schema> registerNew(String subject, String definition, Deadline deadline) {
    ResourceName name = names.full(subject);
    return Steps.otherwise(
        transport().register(name, SchemaFormat.JSON, definition, deadline),
        error ->
            error instanceof SchemaRejectedException rejected
                ? Steps.then(
                    compatible(name, definition, deadline),
                    compatible -> CompletableFuture.failedFuture(refusal(rejected, compatible)))
                : CompletableFuture.failedFuture(error));
  }

  private static Refusal refusal(SchemaRejectedException rejected, boolean compatible) {
    return compatible
        ? JsonSchemas.invalid(rejected.getMessage())
        : Refusal.conflict("schema incompatible: " + rejected.getMessage());
  }

  private CompletableFuture<Boolean> compatible(ResourceName subject, String definition, Deadline deadline) {
    return hasModes()
        ? Steps.otherwise(
            transport().isCompatible(subject, SchemaFormat.JSON, definition, deadline),
            error ->
                error instanceof SchemaRejectedException rejected
                    ? CompletableFuture.failedFuture(JsonSchemas.invalid(rejected.getMessage()))
                    : CompletableFuture.failedFuture(error))
        : CompletableFuture.completedFuture(true);
  }

  /**
   * Whether a definition could come after a version, which is the latest if empty; 404 if there is no such version. What comes after no
   * version at all is compatible.
   */
  public CompletableFuture<Boolean> test(String subject, OptionalInt version, String definition, Deadline deadline) {
    JsonObject wanted = JsonSchemas.check(definition);
    requireModes();
    ResourceName name = names.full(subject);
    return prepared(
        deadline,
        () ->
            Steps.then(
                versions(subject, deadline),
                versions -> {
                  if (versions.isEmpty()) {
                    return CompletableFuture.completedFuture(true);
                  }
                  Schema latest = versions.get(versions.size() - 1);
                  Schema before = pick(versions, version);
                  return before == latest
                      ? compatible(name, definition, deadline)
                      : Steps.map(
                          transport().compatibility(name, deadline),
                          mode -> JsonSchemas.compatible(mode, before.definition(), wanted));
                }));
  }

  /** One of these versions, the latest if empty. */
  public static Schema pick(List<Schema> versions, OptionalInt version) {
    if (versions.isEmpty()) {
      throw Refusal.notFound("subject not found");
    }
    return version.isEmpty()
        ? versions.get(versions.size() - 1)
        : versions.stream()
            .filter(one -> one.version() == version.getAsInt())
            .findFirst()
            .orElseThrow(() -> Refusal.notFound("schema version not found"));
  }

  public CompletableFuture<Integer> delete(String subject, int version, Deadline deadline) {
    return changing(
        deadline,
        () ->
            Steps.then(
                versions(subject, deadline),
                versions -> {
                  pick(versions, OptionalInt.of(version));
                  return remove(subject, version, deadline);
                }));
  }

  /** Deletes all versions, and says which there were. */
  public CompletableFuture<List<Integer>> delete(String subject, Deadline deadline) {
    return changing(
        deadline,
        () ->
            Steps.then(
                versions(subject, deadline),
                versions -> {
                  pick(versions, OptionalInt.empty());
                  return remove(subject, versions, 0, deadline);
                }));
  }

  private CompletableFuture<List<Integer>> remove(String subject, List<Schema> versions, int at, Deadline deadline) {
    return at == versions.size()
        ? CompletableFuture.completedFuture(versions.stream().map(Schema::version).toList())
        : Steps.then(
            remove(subject, versions.get(at).version(), deadline), removed -> remove(subject, versions, at + 1, deadline));
  }

  private CompletableFuture<Integer> remove(String subject, int version, Deadline deadline) {
    return Steps.map(
        transport().delete(names.full(subject), version, deadline),
        deleted -> {
          numbers.remove(new Version(names.full(subject).toString(), version));
          return version;
        });
  }

  /** The number of a version. */
  public long number(Schema schema) {
    return schema
        .id()
        .orElseGet(() -> numbers.computeIfAbsent(new Version(schema.subject(), schema.version()), unseen -> lastNumber.incrementAndGet()));
  }

  /** The version with this number; fails with {@code NotFoundException} or a 404 if there is none. */
  public CompletableFuture<Schema> numbered(long number, Deadline deadline) {
    if (topics.can(Capability.SCHEMA_IDS)) {
      return transport().byId(number, deadline);
    }
    Version found =
        numbers.entrySet().stream()
            .filter(known -> known.getValue() == number)
            .findFirst()
            .map(Map.Entry::getKey)
            .orElseThrow(() -> Refusal.notFound("schema not found"));
    ResourceName subject = ResourceName.parse(found.subject(), Topics.HOME, Topics.HOME);
    return transport().get(subject, OptionalInt.of(found.version()), deadline);
  }

  /** The mode of a subject, of the registry if null. */
  public CompletableFuture<Compatibility> mode(@Nullable String subject, Deadline deadline) {
    requireModes();
    return prepared(deadline, () -> transport().compatibility(subject == null ? null : names.full(subject), deadline));
  }

  public CompletableFuture<Void> mode(@Nullable String subject, Compatibility mode, Deadline deadline) {
    requireModes();
    return changing(deadline, () -> transport().setCompatibility(subject == null ? null : names.full(subject), mode, deadline));
  }

  private <T> CompletableFuture<T> changing(Deadline deadline, Supplier<CompletableFuture<T>> change) {
    return prepared(deadline, () -> serial.make(deadline, change));
  }

  private <T> CompletableFuture<T> prepared(Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    return prepared || !hasModes()
        ? operation.get()
        : Steps.then(serial.make(deadline, () -> prepare(deadline)), ready -> operation.get());
  }

  private CompletableFuture<Boolean> prepare(Deadline deadline) {
    return prepared
        ? CompletableFuture.completedFuture(true)
        : Steps.then(
            transport().subjects(deadline),
            subjects ->
                Steps.then(
                    transport().compatibility(null, deadline),
                    mode ->
                        Steps.map(
                            subjects.isEmpty() && mode == Compatibility.NONE
                                ? transport().setCompatibility(null, Compatibility.BACKWARD, deadline)
                                : CompletableFuture.<Void>completedFuture(null),
                            set -> prepared = true)));
  }
}
