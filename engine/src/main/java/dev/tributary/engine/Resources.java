package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The streams, the queues or the stores of an engine. Used inside the gate. */
final class Resources<C, R> {
  private final String kind;
  private final BiFunction<ResourceName, C, R> factory;
  private final @Nullable C onFirstUse;
  private final Map<ResourceName, R> all = new TreeMap<>(Comparator.comparing(ResourceName::toString));

  /**
   * None yet.
   *
   * @param onFirstUse how one is made that is used before it was created; null if that is an error
   */
  Resources(String kind, @Nullable C onFirstUse, BiFunction<ResourceName, C, R> factory) {
    this.kind = kind;
    this.onFirstUse = onFirstUse;
    this.factory = factory;
  }

  /** The one of this name. */
  R use(ResourceName name) {
    R known = all.get(name);
    if (known != null) {
      return known;
    }
    if (onFirstUse == null) {
      throw missing(name);
    }
    return create(name, onFirstUse);
  }

  @Nullable R find(ResourceName name) {
    return all.get(name);
  }

  R create(ResourceName name, C config) {
    if (all.containsKey(name)) {
      throw new AlreadyExistsException(ErrorInfo.of("there is a " + kind + " " + name + " already", "Use it, or delete it first"));
    }
    R made = factory.apply(name, config);
    all.put(name, made);
    return made;
  }

  R delete(ResourceName name) {
    R deleted = all.remove(name);
    if (deleted == null) {
      throw missing(name);
    }
    return deleted;
  }

  /** Empties it, and gives what there was. */
  Collection<R> clear() {
    List<R> deleted = List.copyOf(all.values());
    all.clear();
    return deleted;
  }

  Collection<R> all() {
    return all.values();
  }

  NotFoundException missing(ResourceName name) {
    return new NotFoundException(
        ErrorInfo.of("there is no " + kind + " " + name, "Create it with admin(), or check tenant, namespace and name"));
  }
}
