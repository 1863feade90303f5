package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.access.Permission;
import dev.tributary.engine.access.Refused;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a client has in the engine: sources, calls that wait, transactions. All of it ends with the connection, or when it is allowed no more. */
final class Connection {
  private final Gate gate;
  private final Visitor visitor;
  private final Map<Object, Attached> attached = new LinkedHashMap<>();
  private @Nullable Entry entered;
  private boolean closed;

  /** Who is inside, and what it is allowed for. */
  private record Entry(@Nullable String who, Allowed allowed) {}

  private record Attached(Consumer<TributaryException> end, @Nullable Entry by) {}

  Connection(Gate gate, Visitor visitor) {
    this.gate = gate;
    this.visitor = visitor;
  }

  Gate gate() {
    return gate;
  }

  Visitor visitor() {
    return visitor;
  }

  /** What whoever may read this resource may do. */
  Allowed reading(ResourceName resource) {
    return new Allowed(this, Permission.READ, resource);
  }

  /** What whoever may read may do, of no resource. */
  Allowed reading() {
    return new Allowed(this, Permission.READ, null);
  }

  /** What whoever may write to this resource may do. */
  Allowed writing(ResourceName resource) {
    return new Allowed(this, Permission.WRITE, resource);
  }

  /** What whoever may write may do, of no resource. */
  Allowed writing() {
    return new Allowed(this, Permission.WRITE, null);
  }

  /** What administrators may do. */
  Allowed administering() {
    return new Allowed(this, Permission.ADMIN, null);
  }

  /** What administrators may do with this resource. */
  Allowed administering(ResourceName resource) {
    return new Allowed(this, Permission.ADMIN, resource);
  }

  /** What whoever has logged in may do. */
  Allowed known() {
    return new Allowed(this, null, null);
  }

  /** A call that everybody may make: inside the gate, if the connection is open. Its future is complete already. */
  <R> CompletableFuture<R> call(Supplier<R> work) {
    try {
      return CompletableFuture.completedFuture(
          gate.enter(
              () -> {
                requireOpen();
                return work.get();
              }));
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** The same outside of the gate, told who it is. */
  <R> CompletableFuture<R> everybody(Function<@Nullable String, R> work) {
    return answering(() -> visitor.as(who -> call(() -> true).thenApply(open -> work.apply(who))));
  }

  <R> CompletableFuture<R> enter(Allowed allowed, Function<@Nullable String, CompletableFuture<R>> work) {
    return answering(() -> visitor.as(who -> inside(who, allowed, work)));
  }

  <R> CompletableFuture<R> outside(Allowed allowed, Function<@Nullable String, R> work) {
    return answering(() -> visitor.as(who -> CompletableFuture.completedFuture(work.apply(inside(who, allowed, allowedAs -> allowedAs)))));
  }

  private static <R> CompletableFuture<R> answering(Supplier<CompletableFuture<R>> call) {
    try {
      return call.get();
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    } catch (Refused refused) {
      return CompletableFuture.failedFuture(refused.error());
    }
  }

  /** Looks at what somebody may do where nobody changes it at the same time. */
  private <R> R inside(@Nullable String who, Allowed allowed, Function<@Nullable String, R> work) {
    return gate.enter(
        () -> {
          requireOpen();
          visitor.check(who, allowed.permission(), allowed.resource());
          Entry before = entered;
          entered = new Entry(who, allowed);
          try {
            return work.apply(who);
          } finally {
            entered = before;
          }
        });
  }

  void open(Allowed allowed, MemorySource<?> source, Runnable start) {
    CompletableFuture<Boolean> started =
        enter(
            allowed,
            who -> {
              attach(source, source::end);
              start.run();
              return CompletableFuture.completedFuture(true);
            });
    started.whenComplete(
        (ok, error) -> {
          if (error instanceof TributaryException refused) {
            gate.run(() -> source.end(refused));
          }
        });
  }

  /** Remembers how to end something; inside. */
  void attach(Object what, Consumer<TributaryException> end) {
    attached.put(what, new Attached(end, entered));
  }

  /** It has ended; inside. */
  void detach(Object what) {
    attached.remove(what);
  }

  /** Ends what its user may not do any more; inside. */
  void review() {
    for (Attached one : List.copyOf(attached.values())) {
      Entry by = one.by();
      if (by != null) {
        try {
          visitor.look(by.who(), by.allowed().permission(), by.allowed().resource());
        } catch (Refused refused) {
          one.end().accept(refused.error());
        }
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw closedError();
    }
  }

  void close() {
    gate.run(
        () -> {
          closed = true;
          List<Attached> ends = List.copyOf(attached.values());
          attached.clear();
          ends.forEach(one -> one.end().accept(closedError()));
        });
  }

  private static ClientClosedException closedError() {
    return new ClientClosedException(ErrorInfo.of("the connection is closed", "Make a new client"));
  }
}
