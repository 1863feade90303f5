package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.access.Access;
import dev.tributary.access.Acl;
import dev.tributary.access.Audit;
import dev.tributary.access.Identity;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.Steps;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Users and what they may do, over the transport. Passwords are in no error, and travel in what does not show them. */
final class AccessHandle implements Access {
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_PASSWORD = 1_000;
  private static final int MOST_NAMES = 100;

  private final Calls calls;
  private final AccessTransport transport;
  private final Function<String, ResourceName> names;

  AccessHandle(Calls calls, Function<String, ResourceName> names) {
    this.calls = calls;
    this.transport = calls.transport().access().orElseThrow(() -> calls.checks().unsupported(Capability.ACCESS_CONTROL));
    this.names = names;
  }

  @Override
  public CompletableFuture<Optional<Identity>> whoAmI() {
    return calls.call("who am I", null, Calls.Repeat.SAFE, transport::whoAmI);
  }

  @Override
  public CompletableFuture<List<Role>> roles() {
    return calls.call("roles", null, Calls.Repeat.SAFE, transport::roles);
  }

  @Override
  public CompletableFuture<User> createUser(UserPassword user, Set<String> roles) {
    return calls.checked(
        "create user",
        name(user),
        () -> {
          UserPassword made = credentials(user);
          Set<String> copy = distinct("roles", roles);
          // Again, it would be there already.
          return calls.call(
              "create user", made.user(), Calls.Repeat.UNLESS_APPLIED, deadline -> transport.createUser(made, copy, deadline));
        });
  }

  @Override
  public CompletableFuture<User> user(String name) {
    return about("user", name, () -> calls.call("user", name, Calls.Repeat.SAFE, deadline -> transport.user(name, deadline)));
  }

  @Override
  public CompletableFuture<List<User>> users() {
    return calls.call("users", null, Calls.Repeat.SAFE, transport::users);
  }

  @Override
  public CompletableFuture<User> updateUser(User user) {
    return about(
        "update user",
        user == null ? null : user.name(),
        () -> {
          distinct("roles", user.roles());
          return calls.call("update user", user.name(), Calls.Repeat.SAFE, deadline -> transport.updateUser(user, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> deleteUser(String name) {
    return about(
        "delete user",
        name,
        () -> calls.call("delete user", name, Calls.Repeat.UNLESS_APPLIED, deadline -> transport.deleteUser(name, deadline)));
  }

  @Override
  public CompletableFuture<Void> changePassword(String current, String next) {
    return calls.checked(
        "change password",
        null,
        () -> {
          password("current password", current);
          password("new password", next);
          // Again, the current one would not be it any more.
          return calls.call(
              "change password",
              null,
              Calls.Repeat.UNLESS_APPLIED,
              deadline ->
                  Steps.then(
                      transport.whoAmI(deadline),
                      who -> {
                        String user = who.orElseThrow(AccessHandle::nobody).user();
                        return transport.changePassword(new UserPassword(user, current), new UserPassword(user, next), deadline);
                      }));
        });
  }

  private static UnauthenticatedException nobody() {
    return new UnauthenticatedException(ErrorInfo.of("the backend does not know this client", "Configure a user and a password, in TRIBUTARY_USER and TRIBUTARY_PASSWORD for instance"));
  }

  @Override
  public CompletableFuture<Void> setPassword(UserPassword user) {
    return calls.checked(
        "set password",
        name(user),
        () -> {
          UserPassword changed = credentials(user);
          return calls.call("set password", changed.user(), Calls.Repeat.SAFE, deadline -> transport.setPassword(changed, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> setAcl(Acl acl) {
    return calls.checked(
        "set acl",
        acl == null ? null : acl.resource(),
        () -> {
          ResourceName resource = names.apply(Checks.present("acl", acl).resource());
          distinct("users", acl.users());
          distinct("roles", acl.roles());
          return calls.call("set acl", resource, Calls.Repeat.SAFE, deadline -> transport.setAcl(resource, acl, deadline));
        });
  }

  @Override
  public CompletableFuture<Optional<Acl>> acl(String resource) {
    return named("acl", resource, name -> calls.call("acl", name, Calls.Repeat.SAFE, deadline -> transport.acl(name, deadline)));
  }

  @Override
  public CompletableFuture<List<Acl>> acls() {
    return calls.call("acls", null, Calls.Repeat.SAFE, transport::acls);
  }

  @Override
  public CompletableFuture<Void> deleteAcl(String resource) {
    return named(
        "delete acl", resource, name -> calls.call("delete acl", name, Calls.Repeat.SAFE, deadline -> transport.deleteAcl(name, deadline)));
  }

  @Override
  public Audit audit() {
    return new AuditHandle(calls, transport);
  }

  private <R> CompletableFuture<R> named(String operation, String resource, Function<ResourceName, CompletableFuture<R>> call) {
    return calls.checked(operation, resource, () -> call.apply(names.apply(resource)));
  }

  private <R> CompletableFuture<R> about(String operation, @Nullable String user, Supplier<CompletableFuture<R>> call) {
    return calls.checked(
        operation,
        user,
        () -> {
          name("name of the user", user);
          return call.get();
        });
  }

  private static @Nullable String name(@Nullable UserPassword user) {
    return user == null ? null : user.user();
  }

  private static UserPassword credentials(UserPassword user) {
    name("name of the user", Checks.present("user", user).user());
    password("password", user.password());
    return user;
  }

  private static void name(String what, @Nullable String text) {
    String name = Checks.notEmpty(what, text);
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw InvalidRequestException.of(
          "the " + what + " is too long, or has control characters in it", "Use 1 to " + LONGEST_NAME + " characters that can be printed");
    }
  }

  private static void password(String what, String password) {
    Checks.notEmpty(what, password);
    if (password.length() > LONGEST_PASSWORD) {
      throw InvalidRequestException.of("the " + what + " has " + password.length() + " characters", "Use at most " + LONGEST_PASSWORD);
    }
  }

  private static Set<String> distinct(String what, Set<String> names) {
    if (Checks.present(what, names).size() > MOST_NAMES) {
      throw InvalidRequestException.of(names.size() + " " + what, "Give at most " + MOST_NAMES + ", and roles in place of users");
    }
    names.forEach(name -> name("name in the " + what, name));
    return Set.copyOf(names);
  }
}
