/** ESLint rule: what a file exports by declaring it carries a doc comment. */
export const documentedExports = {
  meta: { type: 'suggestion', schema: [], messages: { missing: 'Export without a doc comment: say in one line what it does or guarantees.' } },
  create(context) {
    const { sourceCode } = context;
    return {
      ExportNamedDeclaration(node) {
        if (node.declaration === null || isLaterOverload(node)) return;
        const before = sourceCode.getCommentsBefore(node).at(-1);
        if (before?.type === 'Block' && before.value.startsWith('*')) return;
        context.report({ node: node.declaration, messageId: 'missing' });
      },
    };

    /** Of overloads only the first needs the comment. */
    function isLaterOverload(node) {
      const name = node.declaration.id?.name;
      const siblings = node.parent.body;
      const previous = siblings[siblings.indexOf(node) - 1];
      return name !== undefined && previous?.type === 'ExportNamedDeclaration' && previous.declaration?.id?.name === name;
    }
  },
};
