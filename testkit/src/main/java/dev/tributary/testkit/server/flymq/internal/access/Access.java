package dev.tributary.testkit.server.flymq.internal.access;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Permission;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Users, what they may do, and the lists of topics that are not open to all of them. Without an administrator nobody is asked who they are. No transport
 * keeps any of it. A user who is changed is as changed at once, on every connection. Thread-safe.
 */
public final class Access {
  /** Topics without a list are open to every user. */
  private static final boolean PUBLIC_BY_DEFAULT = true;

  private static final int MOST = 10_000;
  private static final int MOST_NAMES = 100;
  private static final int LONGEST_NAME = 255;

  private final TimeSource time;
  private final boolean on;
  private final Map<String, User> users = new TreeMap<>();
  private final Map<String, Requests.SetAcl> lists = new TreeMap<>();
  /** Whom nobody knows is not told sooner. */
  private final Password nobodys = Password.of("");

  private record User(Password password, List<String> roles, boolean enabled, Instant created, Instant updated) {
    User with(Password other, Instant now) {
      return new User(other, roles, enabled, created, now);
    }

    Answers.User shown(String name, List<String> permissions) {
      return new Answers.User(name, roles, permissions, enabled, created.getEpochSecond(), updated.getEpochSecond());
    }
  }

  /** {@code administrators} are passwords by names. */
  public Access(TimeSource time, Map<String, String> administrators) {
    this.time = time;
    this.on = !administrators.isEmpty();
    administrators.forEach((name, password) -> users.put(name, user(Password.of(password), List.of(Role.ADMIN.text()))));
  }

  private User user(Password password, List<String> roles) {
    Instant now = time.now();
    return new User(password, roles, true, now, now);
  }

  /** Whether anybody is asked who they are. */
  public boolean on() {
    return on;
  }

  /** Refuses what somebody may not do; {@code topic} is null for what is of no topic, which counts as one without a list. */
  public synchronized void check(Client client, Permission permission, @Nullable String topic) {
    if (!on || permission == Permission.NONE) {
      return;
    }
    String name = client.user();
    User user = name == null ? null : users.get(name);
    if (name == null || user == null) {
      throw new Refusal("authentication required");
    } else if (!user.enabled()) {
      throw new Refusal("user account is disabled");
    } else if (permission != Permission.LOGIN && !Role.allow(user.roles(), permission) && !listed(name, user, permission, topic)) {
      throw new Refusal("unauthorized");
    }
  }

  private boolean listed(String name, User user, Permission permission, @Nullable String topic) {
    Requests.SetAcl list = topic == null ? null : lists.get(topic);
    if (permission == Permission.ADMIN) {
      return false;
    }
    return list == null ? PUBLIC_BY_DEFAULT : list.users().contains(name) || user.roles().stream().anyMatch(list.roles()::contains);
  }

  /** Refuses what there is no use for where nobody is asked who they are. */
  public void requireOn() {
    if (!on) {
      throw new Refusal("authentication is not enabled");
    }
  }

  /** Says who a client is. If that is not so, it stays whom it was. */
  public CompletableFuture<Answers.Identity> login(Client client, Requests.Login login, Executor workers) {
    if (!on) {
      return CompletableFuture.completedFuture(nobody("authentication is not enabled"));
    }
    User user = find(login.user());
    Password password = user == null ? nobodys : user.password();
    return CompletableFuture.supplyAsync(() -> password.is(login.password()), workers)
        .thenApply(
            matches -> {
              User now = find(login.user());
              if (!matches || now == null || now.password() != password) {
                return nobody("invalid username or password");
              } else if (!now.enabled()) {
                return nobody("user account is disabled");
              }
              client.loggedIn(login.user());
              return new Answers.Identity(true, login.user(), now.roles(), "");
            });
  }

  private synchronized @Nullable User find(String name) {
    return users.get(name);
  }

  private static Answers.Identity nobody(String error) {
    return new Answers.Identity(false, "", List.of(), error);
  }

  /** Who a client is. */
  public Answers.Identity who(Client client) {
    String name = client.user();
    User user = name == null ? null : find(name);
    return name == null || user == null ? nobody("") : new Answers.Identity(true, name, user.roles(), "");
  }

  public CompletableFuture<Answers.User> create(Requests.User wanted, Executor workers) {
    if (wanted.user().isEmpty() || wanted.password().isEmpty()) {
      throw new Refusal("username and password are required");
    }
    requireShort(List.of(wanted.user()));
    requireShort(wanted.roles());
    return CompletableFuture.supplyAsync(() -> Password.of(wanted.password()), workers)
        .thenApply(
            password -> {
              synchronized (this) {
                requireRoom(users.size(), "users");
                if (users.putIfAbsent(wanted.user(), user(password, wanted.roles())) != null) {
                  throw new Refusal("user \"" + wanted.user() + "\" already exists");
                }
              }
              return new Answers.User(wanted.user(), wanted.roles(), List.of(), true, 0, 0);
            });
  }

  public synchronized void delete(Client client, String name) {
    require(name);
    if (name.equals(client.user())) {
      throw new Refusal("cannot delete your own account");
    }
    users.remove(name);
  }

  /** Has a user these roles, and lets it in or not. */
  public synchronized void update(Requests.User wanted) {
    User before = require(wanted.user());
    requireShort(wanted.roles());
    users.put(wanted.user(), new User(before.password(), wanted.roles(), wanted.enabled(), before.created(), time.now()));
  }

  public synchronized List<Answers.User> users() {
    return users.entrySet().stream().map(user -> user.getValue().shown(user.getKey(), List.of())).toList();
  }

  public synchronized Answers.User user(String name) {
    User user = require(name);
    return user.shown(name, Role.permissions(user.roles()));
  }

  private synchronized User require(String name) {
    User user = users.get(name);
    if (user == null) {
      throw new Refusal("user \"" + name + "\" not found");
    }
    return user;
  }

  /** Changes a password: one's own with the old one, those of others as an administrator. */
  public CompletableFuture<Boolean> changePassword(Client client, Requests.User wanted, Executor workers) {
    boolean own = wanted.user().equals(client.user());
    if (!own) {
      check(client, Permission.ADMIN, null);
    }
    if (wanted.password().isEmpty()) {
      throw new Refusal("username and password are required");
    }
    Password before = require(wanted.user()).password();
    Supplier<Password> change =
        () -> {
          if (own && !before.is(wanted.oldPassword())) {
            throw new Refusal("invalid current password");
          }
          return Password.of(wanted.password());
        };
    return CompletableFuture.supplyAsync(change, workers).thenApply(password -> change(wanted.user(), before, password));
  }

  private synchronized boolean change(String name, Password before, Password after) {
    User user = require(name);
    if (user.password() != before) {
      throw new Refusal("invalid current password");
    }
    users.put(name, user.with(after, time.now()));
    return true;
  }

  /** Opens a topic to these only. */
  public synchronized void set(Requests.SetAcl list) {
    if (list.isPublic()) {
      throw new Refusal("cannot make topic public because anonymous access is disabled in server configuration");
    }
    requireShort(List.of(list.topic()));
    requireShort(list.users());
    requireShort(list.roles());
    requireRoom(lists.size(), "ACLs");
    lists.put(list.topic(), list);
  }

  public synchronized Answers.Acl list(String topic) {
    Requests.SetAcl list = lists.get(topic);
    return list == null
        ? new Answers.Acl(topic, false, false, PUBLIC_BY_DEFAULT, List.of(), List.of())
        : new Answers.Acl(topic, true, false, false, list.users(), list.roles());
  }

  public synchronized void open(String topic) {
    lists.remove(topic);
  }

  public synchronized Answers.Acls lists() {
    return new Answers.Acls(
        lists.values().stream().map(list -> new Answers.ListedAcl(list.topic(), true, false, list.users(), list.roles())).toList(),
        PUBLIC_BY_DEFAULT);
  }

  private static void requireRoom(int size, String what) {
    if (size >= MOST) {
      throw new Refusal("too many " + what);
    }
  }

  private static void requireShort(List<String> names) {
    if (names.size() > MOST_NAMES || names.stream().anyMatch(name -> name.length() > LONGEST_NAME)) {
      throw new Refusal("too many names, or too long: " + MOST_NAMES + " of " + LONGEST_NAME + " characters are allowed");
    }
  }
}
