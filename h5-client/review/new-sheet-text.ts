/** What the editor of score sheets begins with: one question of each kind. */
export const NEW_SHEET = {
  title: { 'zh-CN': '服务规范', en: 'Service' },
  passAt: 80,
  sections: [
    {
      id: 'opening',
      title: { 'zh-CN': '开场', en: 'Opening' },
      questions: [
        {
          id: 'greeting',
          kind: 'yes-no',
          good: 'yes',
          text: { 'zh-CN': '是否问候并报工号', en: 'Greeted and gave a name' },
          weight: 1,
          fatal: false,
          mayNotApply: false,
        },
        {
          id: 'clarity',
          kind: 'scale',
          text: { 'zh-CN': '指引是否清楚', en: 'Clear instructions' },
          weight: 2,
          fatal: false,
          mayNotApply: false,
        },
        {
          id: 'privacy',
          kind: 'choice',
          text: { 'zh-CN': '个人信息', en: 'Personal data' },
          weight: 1,
          fatal: true,
          mayNotApply: true,
          choices: [
            { id: 'kept', text: { 'zh-CN': '遵守', en: 'Respected' }, share: 1 },
            { id: 'broken', text: { 'zh-CN': '违反', en: 'Broken' }, share: 0 },
          ],
        },
      ],
    },
  ],
}
