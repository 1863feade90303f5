package dev.tributary.kotlin

import java.util.concurrent.Callable

/** Loads the SDK and its tests anew, as if the classes whose names begin so were not on the class path. */
internal class Without(private vararg val hidden: String) : ClassLoader(Without::class.java.classLoader) {
  /** What the scenario says. */
  inline fun <reified S : Callable<String>> run(): String =
    (loadClass(S::class.java.name).getDeclaredConstructor().newInstance() as Callable<*>).call() as String

  override fun loadClass(name: String, resolve: Boolean): Class<*> =
    synchronized(getClassLoadingLock(name)) {
      when {
        hidden.any { name.startsWith(it) } -> throw ClassNotFoundException(name)
        name.startsWith("dev.tributary.") -> findLoadedClass(name) ?: define(name)
        else -> super.loadClass(name, resolve)
      }
    }

  private fun define(name: String): Class<*> {
    val file = parent.getResourceAsStream(name.replace('.', '/') + ".class") ?: throw ClassNotFoundException(name)
    val bytes = file.use { it.readBytes() }
    return defineClass(name, bytes, 0, bytes.size)
  }
}
