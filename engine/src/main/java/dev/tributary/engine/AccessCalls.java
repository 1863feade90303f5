package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.access.Acl;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.Identity;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.access.Directory;
import dev.tributary.engine.access.Guarded;
import dev.tributary.engine.access.Trail;
import dev.tributary.engine.access.Trail.Deed;
import dev.tributary.spi.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One client's calls on users, what they may do, and what they did. */
final class AccessCalls implements Guarded {
  private final MemoryEngine engine;
  private final Connection connection;

  AccessCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public Directory directory() {
    return engine.directory();
  }

  @Override
  public Trail trail() {
    return engine.trail();
  }

  private <R> CompletableFuture<R> managed(Allowed allowed, Function<@Nullable String, R> work) {
    return allowed.outside(
        who -> {
          directory().requireOn();
          return work.apply(who);
        });
  }

  private <R> CompletableFuture<R> managed(Function<@Nullable String, R> work) {
    return managed(connection.administering(), work);
  }

  /** Where nobody is asked who they are everybody is nobody. */
  @Override
  public CompletableFuture<Optional<Identity>> whoAmI(Deadline deadline) {
    return connection.everybody(who -> connection.visitor().identity(who));
  }

  @Override
  public CompletableFuture<List<Role>> roles(Deadline deadline) {
    return managed(connection.known(), who -> directory().roles());
  }

  @Override
  public CompletableFuture<User> createUser(UserPassword user, Set<String> roles, Deadline deadline) {
    return managed(
        who -> {
          User made = directory().create(user, roles);
          connection.visitor().did(who, Deed.of("user.create", user.user()));
          return made;
        });
  }

  @Override
  public CompletableFuture<User> user(String name, Deadline deadline) {
    return managed(who -> directory().user(name));
  }

  @Override
  public CompletableFuture<List<User>> users(Deadline deadline) {
    return managed(who -> directory().users());
  }

  @Override
  public CompletableFuture<User> updateUser(User user, Deadline deadline) {
    return managed(who -> directory().update(user.name(), user.roles(), user.enabled()));
  }

  @Override
  public CompletableFuture<Void> deleteUser(String name, Deadline deadline) {
    return managed(
        who -> {
          directory().delete(who, name);
          connection.visitor().did(who, Deed.of("user.delete", name));
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> changePassword(UserPassword current, UserPassword next, Deadline deadline) {
    return managed(
        connection.known(),
        who -> {
          directory().changePassword(current, next.password());
          return null;
        });
  }

  /** One's own is changed by who knows it. */
  @Override
  public CompletableFuture<Void> setPassword(UserPassword user, Deadline deadline) {
    return managed(
        who -> {
          if (user.user().equals(who)) {
            directory().changePassword(new UserPassword(user.user(), ""), user.password());
          } else {
            directory().setPassword(user);
          }
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> setAcl(ResourceName resource, Acl acl, Deadline deadline) {
    return managed(
        who -> {
          directory().set(resource, acl);
          return null;
        });
  }

  @Override
  public CompletableFuture<Optional<Acl>> acl(ResourceName resource, Deadline deadline) {
    return managed(who -> directory().acl(resource));
  }

  @Override
  public CompletableFuture<List<Acl>> acls(Deadline deadline) {
    return managed(who -> directory().acls());
  }

  @Override
  public CompletableFuture<Void> deleteAcl(ResourceName resource, Deadline deadline) {
    return managed(
        who -> {
          directory().unset(resource);
          return null;
        });
  }

  @Override
  public CompletableFuture<AuditPage> audit(AuditQuery query, int from, int max, Deadline deadline) {
    return connection
        .administering()
        .outside(
            who -> {
              List<AuditEvent> found = trail().find(filter(query));
              int end = Math.min(found.size(), from + max);
              return new AuditPage(found.subList(Math.min(from, end), end), end < found.size() ? OptionalInt.of(end) : OptionalInt.empty());
            });
  }

  private static Trail.Filter filter(AuditQuery query) {
    return new Trail.Filter(
        Objects.requireNonNullElse(query.from(), Instant.MIN),
        query.to(),
        query.types(),
        orEmpty(query.user()),
        orEmpty(query.resource()),
        query.result() == null ? "" : Trail.text(query.result()),
        orEmpty(query.text()));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
