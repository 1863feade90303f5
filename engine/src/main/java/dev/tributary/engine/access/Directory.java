package dev.tributary.engine.access;

import dev.tributary.ResourceName;
import dev.tributary.access.Acl;
import dev.tributary.access.Identity;
import dev.tributary.access.Permission;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.spi.TimeSource;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Users, what they may do, and the lists of resources that are not open to all of them. Without an administrator nobody is asked who they are. A user
 * who is changed is as changed at once, on every connection. What has to do with passwords takes a while: it is not for event loops. Thread-safe.
 */
public final class Directory {
  private static final int MOST = 10_000;
  private static final int MOST_NAMES = 100;
  private static final int LONGEST_NAME = 255;

  private final TimeSource time;
  private final boolean on;
  private final Map<String, Account> accounts = new TreeMap<>();
  private final Map<String, Acl> lists = new TreeMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  /** Whom nobody knows is not told sooner. */
  private final @Nullable Password nobodys;

  private record Account(Password password, User user) {}

  /** {@code administrators} are passwords by names. */
  public Directory(TimeSource time, Map<String, String> administrators) {
    this.time = time;
    this.on = !administrators.isEmpty();
    this.nobodys = on ? Password.of("") : null;
    administrators.forEach(
        (name, password) -> accounts.put(name, new Account(Password.of(password), made(name, Set.of(StandardRole.ADMIN.role().name())))));
  }

  private User made(String name, Set<String> roles) {
    Instant now = time.now();
    return new User(name, roles, true, now, now);
  }

  /** Whether anybody is asked who they are. */
  public boolean on() {
    return on;
  }

  /** Refuses what there is no use for where nobody is asked who they are. */
  public void requireOn() {
    if (!on) {
      throw Refused.off();
    }
  }

  /** Runs this after every change of what somebody may do. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  /**
   * Refuses what somebody may not do.
   *
   * @param name null for nobody
   * @param permission null if it takes no more than a login
   * @param resource null for what is of none, which counts as one without a list: it is open to every user
   */
  public synchronized void check(@Nullable String name, @Nullable Permission permission, @Nullable ResourceName resource) {
    if (!on) {
      return;
    }
    Account account = name == null ? null : accounts.get(name);
    if (account == null) {
      throw Refused.stranger();
    } else if (!account.user().enabled()) {
      throw Refused.disabled();
    } else if (permission != null && !StandardRole.allow(account.user().roles(), permission) && !listed(account.user(), permission, resource)) {
      throw Refused.forbidden();
    }
  }

  private boolean listed(User user, Permission permission, @Nullable ResourceName resource) {
    if (permission == Permission.ADMIN) {
      return false;
    }
    Acl list = resource == null ? null : lists.get(resource.toString());
    return list == null || list.users().contains(user.name()) || user.roles().stream().anyMatch(list.roles()::contains);
  }

  /** Lets somebody in. */
  public Identity login(UserPassword claimed) {
    requireOn();
    Password password = find(claimed.user()).map(Account::password).orElse(nobodys);
    boolean matches = password != null && password.is(claimed.password());
    User user = find(claimed.user()).filter(now -> matches && now.password() == password).map(Account::user).orElseThrow(Refused::unknown);
    if (!user.enabled()) {
      throw Refused.disabled();
    }
    return new Identity(user.name(), user.roles());
  }

  /** Who somebody is who was let in; empty if that is nobody any more. */
  public Optional<Identity> who(@Nullable String name) {
    return name == null ? Optional.empty() : find(name).map(account -> new Identity(name, account.user().roles()));
  }

  private synchronized Optional<Account> find(String name) {
    return Optional.ofNullable(accounts.get(name));
  }

  private Account require(String name) {
    return find(name).orElseThrow(() -> Refused.absent(name));
  }

  public List<Role> roles() {
    return StandardRole.all();
  }

  public User create(UserPassword wanted, Set<String> roles) {
    requireGiven(wanted);
    requireShort(List.of(wanted.user()));
    requireShort(roles);
    Password password = Password.of(wanted.password());
    synchronized (this) {
      if (accounts.containsKey(wanted.user())) {
        throw Refused.there(wanted.user());
      }
      requireRoom(accounts.size(), "users");
      User user = made(wanted.user(), roles);
      accounts.put(user.name(), new Account(password, user));
      return user;
    }
  }

  /** {@code who} is who asks for it, or null. */
  public void delete(@Nullable String who, String name) {
    synchronized (this) {
      require(name);
      if (name.equals(who)) {
        throw Refused.absurd("cannot delete your own account");
      }
      accounts.remove(name);
    }
    changed();
  }

  /** Has a user these roles, and lets it in or not. */
  public User update(String name, Set<String> roles, boolean enabled) {
    User user;
    synchronized (this) {
      Account before = require(name);
      requireShort(roles);
      user = new User(name, roles, enabled, before.user().created(), time.now());
      accounts.put(name, new Account(before.password(), user));
    }
    changed();
    return user;
  }

  public synchronized List<User> users() {
    return accounts.values().stream().map(Account::user).toList();
  }

  public User user(String name) {
    return require(name).user();
  }

  /** Has somebody another password who knows the one there is. */
  public void changePassword(UserPassword current, String next) {
    requireGiven(new UserPassword(current.user(), next));
    Password before = require(current.user()).password();
    if (!before.is(current.password())) {
      throw Refused.wrongPassword();
    }
    Password password = Password.of(next);
    synchronized (this) {
      if (require(current.user()).password() != before) {
        throw Refused.wrongPassword();
      }
      setPassword(current.user(), password);
    }
  }

  /** Has somebody another password. */
  public void setPassword(UserPassword wanted) {
    requireGiven(wanted);
    require(wanted.user());
    Password password = Password.of(wanted.password());
    setPassword(wanted.user(), password);
  }

  private synchronized void setPassword(String name, Password password) {
    User user = require(name).user();
    accounts.put(name, new Account(password, new User(name, user.roles(), user.enabled(), user.created(), time.now())));
  }

  /** Opens a resource to these only. */
  public void set(ResourceName resource, Acl acl) {
    if (acl.open()) {
      throw Refused.absurd("cannot make topic public because anonymous access is disabled in server configuration");
    }
    requireShort(acl.users());
    requireShort(acl.roles());
    synchronized (this) {
      requireRoom(lists.size(), "ACLs");
      lists.put(resource.toString(), new Acl(resource.toString(), false, acl.users(), acl.roles()));
    }
    changed();
  }

  public synchronized Optional<Acl> acl(ResourceName resource) {
    return Optional.ofNullable(lists.get(resource.toString()));
  }

  public synchronized List<Acl> acls() {
    return List.copyOf(lists.values());
  }

  /** Opens a resource to all users. */
  public void unset(ResourceName resource) {
    synchronized (this) {
      lists.remove(resource.toString());
    }
    changed();
  }

  private static void requireGiven(UserPassword wanted) {
    if (wanted.user().isEmpty() || wanted.password().isEmpty()) {
      throw Refused.absurd("username and password are required");
    }
  }

  private static void requireRoom(int size, String what) {
    if (size >= MOST) {
      throw Refused.absurd("too many " + what);
    }
  }

  private static void requireShort(Collection<String> names) {
    if (names.size() > MOST_NAMES || names.stream().anyMatch(name -> name.length() > LONGEST_NAME)) {
      throw Refused.absurd("too many names, or too long: " + MOST_NAMES + " of " + LONGEST_NAME + " characters are allowed");
    }
  }
}
